"""How commands are grouped and how their help is set."""

import typer


def group(purpose: str) -> typer.Typer:
    """A group of commands; alone it shows its help."""
    return typer.Typer(
        help=purpose,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
