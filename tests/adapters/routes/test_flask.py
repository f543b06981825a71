from tests.adapters.routes.reading import table


def test_decorators_rules_and_methods() -> None:
    assert (
        table(app="""
        from flask import Flask
        import functools
        app = Flask(__name__)

        def logged(view):
            @functools.wraps(view)
            def inner(*args):
                return view(*args)
            return inner

        @app.route("/")
        @app.route("/home/")
        @logged
        def home(): ...

        @app.get("/users/<int:id>")
        async def user(id): ...

        @app.route("/users", methods=["GET", "POST"])
        def users(): ...

        def late(): ...
        app.add_url_rule("/late", "late", late, methods=("PUT",))
        app.add_url_rule("/logged", view_func=logged(late))
        """)
        == {
            "GET / -> app.py:home",
            "GET /home/ -> app.py:home",
            "GET /users/<int:id> -> app.py:user",
            "GET,POST /users -> app.py:users",
            "PUT /late -> app.py:late",
            "GET /logged -> app.py:late",
        }
    )


def test_blueprints_in_blueprints_with_prefixes_at_both_ends() -> None:
    assert (
        table(
            shop__init="""
        from flask import Flask
        from shop import views
        from .prefixes import ADMIN as A

        def create_app(config=None):
            app = Flask(__name__)
            configure(app)
            return app

        def configure(app):
            app.register_blueprint(views.api, url_prefix="/v2")
            app.register_blueprint(views.plain)
            for bp in views.EVERY:
                app.register_blueprint(bp, url_prefix=f"{A}/{bp.name}" if 0 else A)
        """,
            shop__prefixes='ROOT = "/root"\nADMIN = ROOT + "/admin"\n',
            shop__views="""
        from flask import Blueprint
        api = Blueprint("api", __name__, url_prefix="/v1")
        plain = Blueprint("plain", __name__, url_prefix="/plain")
        child = Blueprint("child", __name__, url_prefix="/child")
        other = Blueprint("other", __name__)
        api.register_blueprint(child)
        child.register_blueprint(other, url_prefix="deep/")
        admin = Blueprint("admin", __name__)
        EVERY = [admin]

        @api.route("/x")
        def x(): ...
        @plain.route("")
        def y(): ...
        @child.route("/z/<name>")
        def z(name): ...
        @other.post("/w")
        def w(): ...
        @admin.get("/a")
        def a(): ...
        """,
        )
        == {
            "GET /v2/x -> shop/views.py:x",
            "GET /plain -> shop/views.py:y",
            "GET /v2/child/z/<name> -> shop/views.py:z",
            "POST /v2/child/deep/w -> shop/views.py:w",
            "GET /root/admin/a -> shop/views.py:a",
        }
    )


def test_class_based_views_and_their_bases() -> None:
    assert (
        table(
            views="""
        from flask.views import MethodView, View
        class Base(MethodView):
            def get(self): ...
        class Items(Base):
            def post(self): ...
        class Page(View):
            methods = ["GET", "POST"]
            def dispatch_request(self): ...
        """,
            app="""
        from flask import Flask
        from views import Items, Page
        class Application(Flask):
            pass
        app = Application(__name__)
        view = Items.as_view("items")
        app.add_url_rule("/items", view_func=view)
        app.add_url_rule("/read", view_func=view, methods=["GET"])
        app.add_url_rule("/page", view_func=Page.as_view("page"))
        """,
        )
        == {
            "GET /items -> views.py:Base.get",
            "POST /items -> views.py:Items.post",
            "GET /read -> views.py:Base.get",
            "GET,POST /page -> views.py:Page.dispatch_request",
        }
    )


def test_a_helper_that_registers_and_an_application_in_a_class() -> None:
    assert (
        table(web="""
        from flask import Flask, Blueprint
        from flask.views import MethodView

        def register_view(bp, routes, view_func, *args, **kwargs):
            for route in routes:
                bp.add_url_rule(route, view_func=view_func, *args, **kwargs)

        class Topic(MethodView):
            def get(self): ...

        forum = Blueprint("forum", __name__)
        register_view(forum, routes=["/t/<int:id>", "/topic/<int:id>-<slug>"],
                      view_func=Topic.as_view("topic"))

        class Server:
            def __init__(self, name):
                self.app = Flask(name)
                self.prefix = "/s"

            def start(self):
                self.app.register_blueprint(forum, url_prefix=self.prefix)
                self.app.add_url_rule("/ping", "ping", self.ping)

            def ping(self): ...
        """)
        == {
            "GET /s/t/<int:id> -> web.py:Topic.get",
            "GET /s/topic/<int:id>-<slug> -> web.py:Topic.get",
            "GET /ping -> web.py:Server.ping",
        }
    )


def test_what_is_handed_in_or_never_taken_in_is_doubted() -> None:
    assert table(plugin="""
        from flask import Blueprint
        lost = Blueprint("lost", __name__, url_prefix="/lost")
        @lost.route("/x")
        def x(): ...
        def hello(): ...
        def init_app(app):
            app.add_url_rule("/hello", view_func=hello)
        """) == {"GET /lost/x -> plugin.py:x ?", "GET /hello -> plugin.py:hello ?"}


def test_resources_of_the_rest_extensions() -> None:
    assert (
        table(api="""
        from flask import Flask, Blueprint
        from flask_restful import Api, Resource
        from flask_restx import Api as XApi, Namespace
        app = Flask(__name__)
        bp = Blueprint("bp", __name__, url_prefix="/api")
        api = Api(bp, prefix="/v1")
        class Todo(Resource):
            def get(self, id): ...
            def delete(self, id): ...
        api.add_resource(Todo, "/todos/<int:id>", "/t/<int:id>")
        app.register_blueprint(bp)
        x = XApi()
        x.init_app(app)
        ns = Namespace("cats")
        x.add_namespace(ns)
        @ns.route("/<id>")
        class Cat(Resource):
            def get(self, id): ...
        """)
        == {
            "GET /api/v1/todos/<int:id> -> api.py:Todo.get",
            "DELETE /api/v1/todos/<int:id> -> api.py:Todo.delete",
            "GET /api/v1/t/<int:id> -> api.py:Todo.get",
            "DELETE /api/v1/t/<int:id> -> api.py:Todo.delete",
            "GET /cats/<id> -> api.py:Cat.get",
        }
    )
