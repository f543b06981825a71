from tests.adapters.routes.reading import table

SETTINGS = 'ROOT_URLCONF = "mysite.urls"\nINSTALLED_APPS = []\nPREFIX = "p/"\n'


def test_paths_regular_expressions_and_includes() -> None:
    assert (
        table(
            mysite__settings=SETTINGS,
            mysite__urls="""
        from django.conf import settings
        from django.contrib import admin
        from django.urls import include, path, re_path
        from blog import views
        from blog.views import Detail
        extra = [path("extra/", views.extra, name="extra")]
        urlpatterns = [
            path("admin/", admin.site.urls),
            path("", views.index),
            path("blog/", include("blog.urls")),
            path(settings.PREFIX, include((extra, "ns"), namespace="n")),
            re_path(r"^old/(?P<id>[0-9]+)/$", Detail.as_view(x=1)),
        ]
        if settings.DEBUG:
            urlpatterns += [path("debug/", views.extra)]
        """,
            blog__urls="""
        from django.urls import path
        from django.contrib.auth.decorators import login_required
        from . import views
        app_name = "blog"
        urlpatterns = [
            path("<int:id>/", login_required(views.Detail.as_view())),
            path("list/", views.Listing.as_view()),
        ]
        urlpatterns.append(path("late/", views.index))
        """,
            blog__views="""
        from django.views.generic import ListView, View
        from django.views.decorators.cache import cache_page
        @cache_page(60)
        def index(request): ...
        def extra(request): ...
        class Detail(View):
            def get(self, request, id): ...
            def post(self, request, id): ...
        class Listing(ListView):
            def post(self, request): ...
        """,
        )
        == {
            "*  -> blog/views.py:index",
            "GET blog/<int:id>/ -> blog/views.py:Detail.get",
            "POST blog/<int:id>/ -> blog/views.py:Detail.post",
            "POST blog/list/ -> blog/views.py:Listing.post",
            "GET,PUT,PATCH,DELETE,HEAD,OPTIONS,TRACE blog/list/ -> blog/views.py:Listing",
            "* blog/late/ -> blog/views.py:index",
            "* p/extra/ -> blog/views.py:extra",
            r"GET ^old/(?P<id>[0-9]+)/$ -> blog/views.py:Detail.get",
            r"POST ^old/(?P<id>[0-9]+)/$ -> blog/views.py:Detail.post",
            "* debug/ -> blog/views.py:extra",
        }
    )


def test_routers_of_the_rest_framework() -> None:
    assert (
        table(
            mysite__settings=SETTINGS,
            mysite__urls="""
        from django.urls import include, path
        from rest_framework.routers import DefaultRouter
        from rest_framework.decorators import action, api_view
        from rest_framework import viewsets, mixins
        class Users(viewsets.ReadOnlyModelViewSet):
            lookup_field = "name"
            def retrieve(self, request, name): ...
            @action(detail=True, methods=["post"], url_path="set-password")
            def set_password(self, request, name): ...
            @action(detail=False)
            def recent(self, request): ...
        class Tags(mixins.CreateModelMixin, viewsets.GenericViewSet):
            def partial_update(self, request, pk): ...
        @api_view(["POST"])
        def login(request): ...
        router = DefaultRouter()
        router.register("users", Users)
        router.register(r"tags", Tags, basename="tag")
        urlpatterns = [
            path("api/", include(router.urls)),
            path("login", login),
            path("u/<name>", Users.as_view({"get": "retrieve"})),
        ]
        """,
        )
        == {
            "GET api/^users/$ -> mysite/urls.py:Users",
            r"GET api/^users/(?P<name>[^/.]+)/$ -> mysite/urls.py:Users.retrieve",
            r"POST api/^users/(?P<name>[^/.]+)/set-password/$ -> mysite/urls.py:Users.set_password",
            "GET api/^users/recent/$ -> mysite/urls.py:Users.recent",
            "POST api/^tags/$ -> mysite/urls.py:Tags",
            r"PATCH api/^tags/(?P<pk>[^/.]+)/$ -> mysite/urls.py:Tags.partial_update",
            "POST login -> mysite/urls.py:login",
            "GET u/<name> -> mysite/urls.py:Users.retrieve",
        }
    )


def test_patterns_that_no_settings_reach_are_doubted() -> None:
    assert (
        table(
            app__urls="""
        from django.urls import path
        from . import views
        urlpatterns = [path("x/", views.x)]
        """,
            app__views="def x(request): ...",
        )
        == {"* x/ -> app/views.py:x ?"}
    )
