from tests.unit.web.conftest import site

__all__ = ["site"]
