"""`nbarank params`: validate and document params.yaml."""

from __future__ import annotations

import typer

params_app = typer.Typer(no_args_is_help=True, help="Validate and document params.yaml.")


@params_app.command("check")
def check() -> None:
    """Validate every section of params.yaml."""
    from nbarank.dvc.params_file import check_params

    check_params()
    typer.echo("params.yaml: every key and value is allowed.")


@params_app.command("document")
def document() -> None:
    """Regenerate the comments of params.yaml from the descriptions in the code."""
    from nbarank.dvc.params_file import document_params

    document_params()
