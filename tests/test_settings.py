"""Settings: where they are read from, which source wins, and what is said about those that cannot be used."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import DESCRIPTIONS, Settings, default_home, load_settings


@pytest.fixture
def write_toml(tmp_path):
    """Return ``write_toml(text)``, which writes the settings file of ``tmp_path``."""
    return lambda text: (tmp_path / "assistant.toml").write_text(text, encoding="utf-8")


def test_without_any_source_the_defaults_are_in_force(tmp_path):
    assert load_settings(tmp_path) == Settings()
    assert load_settings(tmp_path / "not there") == Settings()


def test_options_go_before_the_environment_before_the_file_before_the_defaults(tmp_path, write_toml, monkeypatch):
    write_toml("threads = 2\ncandidates = 2\nmax_sentences = 2\n")
    monkeypatch.setenv("ASSISTANT_CANDIDATES", "3")
    monkeypatch.setenv("ASSISTANT_MAX_SENTENCES", "3")
    settings = load_settings(tmp_path, {"max_sentences": 4})
    assert (settings.threads, settings.candidates, settings.max_sentences) == (2, 3, 4)
    assert settings.context_tokens == Settings().context_tokens


def test_every_setting_has_a_description_and_nothing_else_has():
    assert list(DESCRIPTIONS) == [field.name for field in fields(Settings)]


def test_an_unknown_key_is_an_error_that_names_the_nearest(tmp_path, write_toml, monkeypatch):
    with pytest.raises(SettingsError, match=r"unknown setting 'chatmodel' in the options; .* is 'chat_model'"):
        load_settings(tmp_path, {"chatmodel": "none"})
    write_toml("[models]\nchat = 1")
    with pytest.raises(SettingsError, match=r"unknown setting 'models' in .*assistant\.toml; the nearest known one is"):
        load_settings(tmp_path)
    write_toml("")
    monkeypatch.setenv("ASSISTANT_CANDIDATE", "3")
    with pytest.raises(SettingsError, match=r"'ASSISTANT_CANDIDATE' in the environment; .* is 'ASSISTANT_CANDIDATES'"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("threads = true", r"setting 'threads' in .* is True; it must be a whole number"),
        ("threads = 1.5", r"setting 'threads' in .* is 1\.5; it must be a whole number"),
        ("threads = 'two'", r"setting 'threads' in .* is 'two'; it must be a whole number"),
        ("chat_model = 5", r"setting 'chat_model' in .* is 5; it must be text"),
        ("dense_weight = [0.5]", r"setting 'dense_weight' in .* is \[0\.5\]; it must be a number"),
        ("dense_weight = '0,5'", r"setting 'dense_weight' in .* is '0,5'; it must be a number"),
        ("dense_weight = nan", r"setting 'dense_weight' is nan; set it between 0\.0 and 1\.0"),
        ("answer_threshold = 1.1", r"setting 'answer_threshold' is 1\.1; set it between 0\.0 and 1\.0"),
        ("context_tokens = 100", r"setting 'context_tokens' is 100; set it between 512 and"),
        ("mode = 'poem'", r"setting 'mode' is 'poem'; set it to auto, quoted, written"),
    ],
)
def test_a_value_of_the_wrong_type_or_range_is_an_error_that_says_what_it_must_be(toml, message, tmp_path, write_toml):
    write_toml(toml)
    with pytest.raises(SettingsError, match=message):
        load_settings(tmp_path)


def test_numbers_are_read_from_text_and_whole_numbers_are_numbers(tmp_path, write_toml, monkeypatch):
    write_toml("dense_weight = 1")
    monkeypatch.setenv("ASSISTANT_THREADS", "3")
    monkeypatch.setenv("ASSISTANT_ANSWER_THRESHOLD", "0.25")
    settings = load_settings(tmp_path)
    assert (settings.dense_weight, settings.threads, settings.answer_threshold) == (1.0, 3, 0.25)
    assert isinstance(settings.dense_weight, float)


def test_a_path_is_taken_where_the_path_of_a_model_is_asked_for(tmp_path):
    assert load_settings(tmp_path, {"chat_model": Path("/models/a.gguf")}).chat_model == "/models/a.gguf"


def test_an_empty_variable_is_as_good_as_none(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSISTANT_CHAT_MODEL", "")
    monkeypatch.setenv("ASSISTANT_THREADS", "")
    assert load_settings(tmp_path) == Settings()


@pytest.mark.parametrize("raw", [b"threads = ", b"mode = \xff", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml_is_an_error_with_its_path_and_what_to_do(raw, tmp_path):
    (tmp_path / "assistant.toml").write_bytes(raw)
    with pytest.raises(SettingsError, match=r"assistant\.toml cannot be read \(.*\); mend it or remove it"):
        load_settings(tmp_path)


def test_a_folder_in_the_files_place_is_an_error(tmp_path):
    (tmp_path / "assistant.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_the_home_is_the_variables_or_the_platforms(monkeypatch, tmp_path):
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    assert default_home() == tmp_path
    assert load_settings(tmp_path) == Settings()  # ASSISTANT_HOME is no setting
    monkeypatch.setenv("ASSISTANT_HOME", "~/papers")
    assert default_home() == Path("~/papers").expanduser()
    monkeypatch.delenv("ASSISTANT_HOME")
    assert default_home().name == "paper-assistant"
