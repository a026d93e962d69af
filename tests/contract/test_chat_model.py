"""LangChain's conformance suites over both chat models: the bundled GGUF in llama.cpp, and the scripted one."""

from __future__ import annotations

import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from assistant.models.chat import ChatLlamaCpp
from assistant.models.files import BUNDLED, chat_model_file
from assistant.models.scripted import ScriptedChatModel

MAX_TOKENS = 8  # the suites ask for the shape of answers, not for their sense


@pytest.fixture(scope="module")
def bundled():
    model = ChatLlamaCpp(model_path=str(chat_model_file(BUNDLED)), max_tokens=MAX_TOKENS)
    yield model
    model.close()


class _Llama:
    """What both suites need to know of the model in llama.cpp."""

    @property
    def chat_model_class(self):
        return ChatLlamaCpp

    @property
    def chat_model_params(self):
        return {"model_path": str(chat_model_file(BUNDLED))}

    @property
    def standard_chat_model_params(self):
        return {"temperature": 0, "max_tokens": MAX_TOKENS, "stop": []}


class TestLlamaCppUnit(_Llama, ChatModelUnitTests):
    pass


class TestLlamaCppIntegration(_Llama, ChatModelIntegrationTests):
    @pytest.fixture
    def model(self, bundled):
        """Load the weights once for all tests."""
        return bundled


class _Scripted:
    @property
    def chat_model_class(self):
        return ScriptedChatModel

    @property
    def chat_model_params(self):
        return {}


class TestScriptedUnit(_Scripted, ChatModelUnitTests):
    pass


class TestScriptedIntegration(_Scripted, ChatModelIntegrationTests):
    pass
