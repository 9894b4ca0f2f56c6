"""Every address of the site. The pages and the API live in the registry."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path, re_path

from registry.api.site import NothingHereView
from registry.hub.views import hub_urlpatterns

# The admin's own sign-in asks for no second factor and counts no wrong passwords.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("registry.api.urls")),
    *hub_urlpatterns,
    re_path("^api(/|$)", NothingHereView.as_view(), name="nothing-here"),
    path("", include("registry.urls")),
]
