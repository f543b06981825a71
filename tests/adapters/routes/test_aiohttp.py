from tests.adapters.routes.reading import table


def test_tables_resources_views_and_applications_below_others() -> None:
    assert (
        table(
            web_="""
        from aiohttp import web
        from handlers import routes, admin_app, Handler
        async def hello(request): ...
        handler = Handler()
        app = web.Application()
        app.add_routes(routes)
        app.add_routes([web.get("/hello", hello), web.view("/v", Handler.View)])
        app.router.add_get("/h/{name}", handler.named)
        app.router.add_route("*", "/any", hello)
        resource = app.router.add_resource(r"/r/{id:\\d+}")
        resource.add_route("POST", hello)
        app.add_subapp("/admin/", admin_app())
        """,
            handlers="""
        from aiohttp import web
        routes = web.RouteTableDef()
        @routes.get("/users/{id}")
        async def user(request): ...
        @routes.route("PUT", "/users")
        async def put(request): ...
        @routes.view("/class")
        class Class(web.View):
            async def get(self): ...
            async def post(self): ...
        class Handler:
            class View(web.View):
                async def get(self): ...
            async def named(self, request): ...
        def admin_app():
            async def index(request): ...
            sub = web.Application()
            sub.router.add_get("/", index)
            return sub
        """,
        )
        == {
            "GET /users/{id} -> handlers.py:user",
            "PUT /users -> handlers.py:put",
            "GET /class -> handlers.py:Class.get",
            "POST /class -> handlers.py:Class.post",
            "GET /hello -> web_.py:hello",
            "GET /v -> handlers.py:Handler.View.get",
            "GET /h/{name} -> handlers.py:Handler.named",
            "* /any -> web_.py:hello",
            r"POST /r/{id:\d+} -> web_.py:hello",
            "GET /admin/ -> handlers.py:admin_app.<locals>.index",
        }
    )


def test_plugins_that_register_themselves_are_doubted() -> None:
    assert table(plugin="""
        from aiohttp import web
        async def a(request): ...
        async def register(app: web.Application):
            app.add_routes([web.get("/a", a)])
        async def setup(app):
            app.router.add_post("/b", a)
        """) == {"GET /a -> plugin.py:a ?", "POST /b -> plugin.py:a ?"}
