"""A start for the public says what of it is for trials, and ``doctor`` fails on each of them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from kassa.cli.commands import doctor as doctor_module
from kassa.cli.commands.doctor import doctor
from kassa.cli.production import find_weaknesses, is_public, warn_of_weaknesses
from kassa.data_folder import make_data_folder

GOOD: dict[str, Any] = {
    "BASE_URL": "https://tickets.example.org",
    "SERVED_HOSTS": ("tickets.example.org",),
    "DEMO_PAYMENTS": False,
    "MAIL_TRANSPORT": "smtp",
    "TRUSTED_PROXIES": 1,
}
BAD = [
    ("demo data", {}, "1"),
    ("demo bank", {"DEMO_PAYMENTS": True}, "0"),
    ("mail", {"MAIL_TRANSPORT": "keep"}, "0"),
    ("base URL", {"BASE_URL": "http://tickets.example.org"}, "0"),
    ("base URL", {"BASE_URL": "http://127.0.0.1:8000"}, "0"),
    ("hosts", {"SERVED_HOSTS": ("*",)}, "0"),
    ("proxies", {"TRUSTED_PROXIES": 0}, "0"),
]


def build_settings(**changes: Any) -> Any:
    return SimpleNamespace(**{**GOOD, **changes})


@pytest.mark.parametrize(("subject", "changes", "demo"), BAD)
def test_each_weakness_is_found_and_said(
    subject: str,
    changes: dict[str, Any],
    demo: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KASSA_DEMO", demo)
    settings = build_settings(**changes)

    warn_of_weaknesses(settings)

    assert [weakness.subject for weakness in find_weaknesses(settings)] == [subject]
    said = capsys.readouterr().err
    assert "NOT READY FOR THE PUBLIC" in said
    assert f"  {subject}: " in said


def test_nothing_is_said_of_good_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KASSA_DEMO", "0")
    warn_of_weaknesses(build_settings())
    assert find_weaknesses(build_settings()) == []
    assert not capsys.readouterr().err


def test_nothing_is_said_of_a_trial_on_ones_own_machine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control: with all of it, but with demo data and reached by nobody else."""
    monkeypatch.setenv("KASSA_DEMO", "1")
    trial = build_settings(
        BASE_URL="http://127.0.0.1:8000",
        SERVED_HOSTS=("*",),
        DEMO_PAYMENTS=True,
        MAIL_TRANSPORT="keep",
        TRUSTED_PROXIES=0,
    )
    warn_of_weaknesses(trial)
    assert len(find_weaknesses(trial)) == 5
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8000", False),
        ("http://[::1]:8000", False),
        ("http://localhost", False),
        ("http://kassa.localhost", False),
        ("http://192.0.2.7:8000", True),
        ("https://tickets.example.org", True),
    ],
)
def test_what_others_reach(address: str, expected: bool) -> None:
    assert is_public(address) is expected


@pytest.mark.parametrize(("subject", "changes", "demo"), [*BAD, ("", {}, "0")])
def test_doctor_fails_on_each(
    subject: str, changes: dict[str, Any], demo: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KASSA_DEMO", demo)
    monkeypatch.setattr(doctor_module, "read_settings", lambda: build_settings(**changes))
    monkeypatch.setattr(doctor_module, "data_folder", lambda: tmp_path)
    for name in ("_python", "_data_folder", "_disk_space", "_database", "_port", "_database_for_the_public"):
        monkeypatch.setattr(doctor_module, name, lambda: iter(()))
    tmp_path.chmod(0o700)

    done = CliRunner().invoke(doctor, ["--production"])

    assert done.exit_code == (1 if subject else 0), done.output
    assert (f"problem  {subject}: " in done.output) is bool(subject)
    assert CliRunner().invoke(doctor, []).exit_code == 0  # the control: for trials, all of it is fine


def test_others_cannot_look_into_the_data_folder(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        make_data_folder(tmp_path / "new" / "data")
        (tmp_path / "given").mkdir(mode=0o755)
        make_data_folder(tmp_path / "given")
    finally:
        os.umask(mask)

    mode = stat.S_IMODE((tmp_path / "new" / "data").stat().st_mode)
    assert mode == (0o711 if os.geteuid() == 0 else 0o700)
    assert stat.S_IMODE((tmp_path / "given").stat().st_mode) == 0o755  # the operator's own choice


@pytest.mark.parametrize("mode", [0o700, 0o711, 0o750, 0o755, 0o777])
def test_doctor_fails_on_a_folder_that_others_read(
    mode: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor_module, "data_folder", lambda: tmp_path)
    tmp_path.chmod(mode)

    [finding] = doctor_module._private_folder()

    assert (finding.problem is None) is (mode in (0o700, 0o711))
