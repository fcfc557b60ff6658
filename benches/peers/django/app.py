"""djangorestframework-api-key in a SQLite file: `Authorization: Api-Key KEY` is 200 or 403. It records no use.

    python app.py FILE KEYS                     makes the file, and prints so many keys as one line of JSON
    KEYCTL_PEER_FILE=FILE gunicorn app:served   serves it
"""

import json
import os
import secrets
import sys

import django
from django.conf import settings

FILE = os.environ.get("KEYCTL_PEER_FILE") or sys.argv[1]

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FILE,
            # A connection for each request is Django's default, and slower.
            "CONN_MAX_AGE": None,
            "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    INSTALLED_APPS=["rest_framework", "rest_framework_api_key"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
    ROOT_URLCONF=__name__,
    SECRET_KEY=secrets.token_hex(),
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_api_key.models import APIKey  # noqa: E402
from rest_framework_api_key.permissions import HasAPIKey  # noqa: E402


class Guarded(APIView):
    permission_classes = [HasAPIKey]

    def get(self, request):
        return Response(headers={"Content-Length": "0"})


urlpatterns = [path("", Guarded.as_view())]
served = get_wsgi_application()

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    made = [APIKey.objects.create_key(name=f"bench-{number}")[1] for number in range(int(sys.argv[2]))]
    print(json.dumps(made))
