"""What schemathesis cannot know: it signs in as a buyer of the simulator's, and names products and orders that there are.

A buyer may send so many requests in a minute and have so many open orders, so each is followed by another one.
"""

import json
import os
import urllib.request
import uuid

import schemathesis
from schemathesis import GenerationMode

MERCHANT = os.environ.get("MERCHANT", "http://localhost:8080")
SIMULATOR = os.environ.get("SIMULATOR", "http://localhost:9090")

REQUESTS_PER_BUYER = 20


def post(address, body, headers=None):
    request = urllib.request.Request(
        address,
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers, json.loads(answer.read() or b"null")


def auth_code(buyer):
    call = {"class": "GPMiniAppAuth", "method": "getAuthCode", "buyer": buyer}
    _, answer = post(f"{SIMULATOR}/bridge/call", call)
    return answer["reply"]["data"]["authCode"]


class Buyer:
    """Signed in, with one order; every second one lets the shop see their name."""

    count = 0

    def __init__(self):
        Buyer.count += 1
        name = f"buyer-{uuid.uuid4()}"
        if Buyer.count % 2:
            consent = {"scope": "profile", "buyer": name, "allowed": True}
            post(f"{SIMULATOR}/bridge/consent", consent)
        code = {"auth_code": auth_code(name)}
        headers, session = post(f"{MERCHANT}/api/session", code, {"Session-Token": "header"})
        self.authorization = f"Bearer {headers['Session-Token']}"
        available = (product for product in session["catalogue"] if not product["sold_out"])
        self.product = next(available)
        headers = {"Authorization": self.authorization, "Idempotency-Key": str(uuid.uuid4())}
        _, order = post(f"{MERCHANT}/api/orders", self.good_order(1), headers)
        self.order = order["id"]
        self.requests = 0

    def good_order(self, quantity):
        line = {"product": self.product["id"], "quantity": quantity}
        return {"lines": [line], "expected_total": self.product["price"] * quantity}


buyer = None


def current():
    global buyer
    if buyer is None or buyer.requests >= REQUESTS_PER_BUYER:
        buyer = Buyer()
    buyer.requests += 1
    return buyer


@schemathesis.auth(refresh_interval=None)
class Session:
    def get(self, case, context):
        ends_session = case.operation.label == "DELETE /session"
        return Buyer() if ends_session else current()

    def set(self, case, data, context):
        case.headers["Authorization"] = data.authorization


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every second sound request is about what there is."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    label, body = case.operation.label, case.body
    if "id" in (case.path_parameters or {}) and current().requests % 2:
        case.path_parameters["id"] = current().order
    if not isinstance(body, (dict, list)):
        return
    if label == "POST /session" and current().requests % 2:
        body["auth_code"] = auth_code("budi")
    elif label == "POST /orders" and current().requests % 2:
        case.body = current().good_order(body["lines"][0]["quantity"])
    case.body = readable(case.body)


def readable(value):
    """Schemas call 1.0 an integer, and have no largest number; the merchant refuses both."""
    if isinstance(value, float) and value.is_integer() or isinstance(value, int) and abs(value) > 2**64:
        return int(value) % 2**53 if not isinstance(value, bool) else value
    if isinstance(value, list):
        return [readable(item) for item in value]
    if isinstance(value, dict):
        return {name: readable(item) for name, item in value.items()}
    return value
