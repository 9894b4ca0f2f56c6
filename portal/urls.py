"""Every address of the site. The pages and the API live in the registry."""

from django.contrib import admin
from django.urls import include, path, re_path

from registry.api.site import NothingHereView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("registry.api.urls")),
    re_path("^api(/|$)", NothingHereView.as_view(), name="nothing-here"),
    path("", include("registry.urls")),
]
