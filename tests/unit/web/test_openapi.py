from openapi_spec_validator import validate

from guestwire.web.table import ROUTES


async def test_the_document_is_valid_and_names_every_route(client):
    told = await (await client.get("/api/v1/openapi.json")).json()
    validate(told)
    named = {(path, method.upper()) for path, methods in told["paths"].items() for method in methods}
    assert named == {(route.path, route.method) for route in ROUTES}


def test_every_route_has_a_line_of_help_and_a_name_of_its_own():
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    for route in ROUTES:
        assert (route.handler.__doc__ or "").strip(), route.path
