"""What is checked, each in an environment of its own: ``nox`` runs all but the benchmarks."""

import nox

nox.options.sessions = ["tests", "lint", "docs"]
nox.options.default_venv_backend = "venv"
PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(session: nox.Session, name: str) -> None:
    """Install a dependency group of pyproject.toml."""
    session.install(*nox.project.dependency_groups(PYPROJECT, name))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; words after ``--`` go to pytest."""
    session.install("-e", ".[all]")
    group(session, "test")
    session.run("pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    session.install("-e", ".[all]")
    group(session, "lint")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into site/, with warnings as errors; ``-- serve`` shows it."""
    session.install("-e", ".")
    group(session, "docs")
    words = session.posargs or ["build", "--strict"]
    session.run("mkdocs", *words, env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def bench(session: nox.Session) -> None:
    """Measure how fast events are generated and written."""
    session.install("-e", ".[all]")
    session.run("python", "benchmarks/speed.py", "--runs", "3")
    session.run("python", "benchmarks/writers.py", "200000", "3")
