"""Server-rendered pages: templates in the reader's language, with their static files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from tillway.surfaces.common.languages import Languages, format_day, format_moment, format_money
from tillway.surfaces.common.static_files import StaticFiles

__all__ = ["Pages", "format_day", "format_moment", "format_money"]

_SHARED = Path(__file__).parent


class Pages:
    """The templates of one surface, beside the shared ones (`common/…`), rendered in every language of both.

    In a template: `_("…")`, `gettext`, `ngettext` and `{% trans %}` read the catalogue, `language` is its name,
    `static("tillway.css")` is a file's address, and `money`, `moment(zone)` and `day` are filters. Everything is
    escaped, and a name that was not given is an error.

    `templates_dir`, `static_dir` and `locales_dir` are the surface's own; the shared files are always there too, so a
    surface without files of its own leaves them out. `static_prefix` is where the wiring mounts `static`.
    """

    def __init__(
        self,
        templates_dir: Path,
        static_dir: Path | None = None,
        locales_dir: Path | None = None,
        *,
        static_prefix: str = "/static",
    ) -> None:
        self.languages = Languages([_SHARED / "locales", *([locales_dir] if locales_dir else [])])
        self.static = StaticFiles([_SHARED / "static", *([static_dir] if static_dir else [])], static_prefix)
        loader = ChoiceLoader(
            [FileSystemLoader(templates_dir), PrefixLoader({"common": FileSystemLoader(_SHARED / "templates")})]
        )
        self._environments = {name: self._environment(name, loader) for name in self.languages.names}

    def language(self, explicit: str | None, accept_language: str | None) -> str:
        """The language to answer in: the explicit wish, else the browser's (`Accept-Language`), else the fallback."""
        return self.languages.choose(explicit, accept_language)

    def render(self, name: str, language: str, /, **context: object) -> bytes:
        """The page made from the template `name`, as UTF-8. Raises KeyError for a language without a catalogue."""
        return self._environments[language].get_template(name).render(context).encode()

    def text(self, language: str) -> Callable[[str], str]:
        """What translates a message for a reader of `language`, for texts that are not written in a template."""
        return self.languages.translations(language).gettext

    def _environment(self, language: str, loader: ChoiceLoader) -> Environment:
        environment = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.i18n"],
        )
        cast("dict[str, object]", environment.globals).update(language=language, static=self.static.url)
        environment.filters |= {
            "money": partial(format_money, language=language),
            "moment": partial(_moment, language=language),
            "day": partial(format_day, language=language),
        }
        vars(environment)["install_gettext_translations"](self.languages.translations(language), newstyle=True)
        return environment


def _moment(at_microseconds: int, zone: str, language: str) -> str:
    return format_moment(at_microseconds, language, zone)
