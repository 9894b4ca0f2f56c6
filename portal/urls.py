"""Every address of the site. The pages and the API live in the registry."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("api/v1/", include("registry.api.urls")),
    path("", include("registry.urls")),
]
