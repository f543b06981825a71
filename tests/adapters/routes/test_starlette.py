from tests.adapters.routes.reading import table


def test_routers_in_routers_with_prefixes_from_other_modules() -> None:
    assert (
        table(
            api__init="from .users import router as users_router\nfrom . import items\n",
            api__users="""
        from fastapi import APIRouter
        from api.settings import Settings
        router = APIRouter(prefix="/users")
        @router.get("/{id}")
        async def read(id: int): ...
        @router.api_route("/{id}", methods=["PUT", "PATCH"])
        def write(id: int): ...
        @router.websocket("/{id}/events")
        async def events(ws): ...
        """,
            api__items="""
        from fastapi import APIRouter
        from api.users import router as users
        def listed(): ...
        router = APIRouter()
        router.add_api_route("", listed, methods=["GET"])
        router.include_router(users, prefix="/of")
        """,
            api__settings='class Settings:\n    API = "/api"\nsettings = Settings()\n',
            main="""
        from fastapi import FastAPI
        import api
        from api import users_router
        from api.settings import settings

        def create(testing=False) -> FastAPI:
            app = FastAPI()
            include(app)
            return app

        def include(app):
            app.include_router(users_router, prefix=settings.API + "/v1")
            app.include_router(api.items.router, prefix="/items")
        """,
        )
        == {
            "GET /api/v1/users/{id} -> api/users.py:read",
            "PUT,PATCH /api/v1/users/{id} -> api/users.py:write",
            "WEBSOCKET /api/v1/users/{id}/events -> api/users.py:events",
            "GET /items -> api/items.py:listed",
            "GET /items/of/users/{id} -> api/users.py:read",
            "PUT,PATCH /items/of/users/{id} -> api/users.py:write",
            "WEBSOCKET /items/of/users/{id}/events -> api/users.py:events",
        }
    )


def test_mounts_and_lists_of_routes() -> None:
    assert (
        table(app="""
        from starlette.applications import Starlette
        from starlette.endpoints import HTTPEndpoint
        from starlette.routing import Mount, Route, Router, WebSocketRoute
        from fastapi import FastAPI

        class User(HTTPEndpoint):
            async def get(self, request): ...
            async def delete(self, request): ...
        async def home(request): ...
        async def ws(socket): ...
        sub = FastAPI()
        @sub.post("/x")
        def x(): ...
        inner = Router([Route("/deep", home)])
        routes = [
            Route("/", home, methods=["GET", "POST"]),
            Mount("/users", routes=[Route("/{name}", User), WebSocketRoute("/ws", ws)]),
            Mount("/inner", app=inner),
        ]
        app = Starlette(debug=True, routes=routes)
        app.mount("/sub", sub)
        app.router.routes.append(Route("/late", home))
        """)
        == {
            "GET,POST / -> app.py:home",
            "GET /users/{name} -> app.py:User.get",
            "DELETE /users/{name} -> app.py:User.delete",
            "WEBSOCKET /users/ws -> app.py:ws",
            "GET /inner/deep -> app.py:home",
            "POST /sub/x -> app.py:x",
            "GET /late -> app.py:home",
        }
    )


def test_a_router_class_of_ones_own() -> None:
    assert (
        table(
            routing="""
        from fastapi import APIRouter
        class OurRouter(APIRouter):
            def __init__(self, **kwargs):
                kwargs.setdefault("tags", [])
                super().__init__(**kwargs)
            def add_api_route(self, path, endpoint, **kwargs):
                kwargs["response_model"] = None
                super().add_api_route(path, endpoint, **kwargs)
        """,
            app="""
        from fastapi import FastAPI
        from routing import OurRouter
        router = OurRouter(prefix="/flows")
        @router.post("/")
        def create(): ...
        def listed(): ...
        router.add_api_route("/list", listed)
        app = FastAPI()
        for one in (router,):
            app.include_router(one)
        """,
        )
        == {"POST /flows/ -> app.py:create", "GET /flows/list -> app.py:listed"}
    )


def test_an_application_that_is_handed_in_is_doubted() -> None:
    assert table(app="""
        from fastapi import FastAPI
        def routes(app: FastAPI):
            @app.get("/x")
            def x(): ...
        """) == {"GET /x -> app.py:routes.<locals>.x ?"}
