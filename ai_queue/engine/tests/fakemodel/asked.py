"""A question as the server understands it."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Asked:
    """A chat completion, read; ``headers`` by their names in lower case."""

    body: dict
    headers: dict = field(default_factory=dict)

    @property
    def model(self):
        """The model that is asked."""
        return self.body["model"]

    @cached_property
    def hash(self):
        """Equal for equal questions: the model and everything that is said to it."""
        what = [self.body["model"], self.body["messages"]]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()

    @cached_property
    def system(self):
        """What the system says."""
        return self._said_by("system", "developer")

    @cached_property
    def text(self):
        """What the user says."""
        return self._said_by("user")

    @property
    def images(self):
        """How many pictures are in it."""
        contents = [message.get("content") for message in self.body["messages"]]
        parts = [
            part
            for content in contents
            if isinstance(content, list)
            for part in content
        ]
        return sum(part.get("type") == "image_url" for part in parts)

    @property
    def format(self):
        """What kind of answer is asked for: text, json_object, json_schema."""
        return (self.body.get("response_format") or {}).get("type", "text")

    @property
    def schema(self):
        """The schema that the answer is to be held to, or None."""
        if self.format != "json_schema":
            return None
        return self.body["response_format"]["json_schema"].get("schema")

    @cached_property
    def schema_in_words(self):
        """The last JSON schema in the messages, as a model would read it there."""
        decoder, found = json.JSONDecoder(), None
        text = f"{self.system}\n{self.text}"
        start = text.find("{")
        while start >= 0:
            try:
                value, end = decoder.raw_decode(text, start)
            except ValueError:
                end = start + 1
            else:
                if isinstance(value, dict) and "properties" in value:
                    found = value
            start = text.find("{", end)
        return found

    @property
    def tokens(self):
        """About as many tokens as a model would count."""
        words = len(self.system) + len(self.text)
        return words // 4 + 85 * self.images + 1

    @property
    def max_tokens(self):
        """How long the answer may be, or None."""
        return self.body.get("max_completion_tokens") or self.body.get("max_tokens")

    def _said_by(self, *roles):
        said = []
        for message in self.body["messages"]:
            if message.get("role") not in roles:
                continue
            content = message.get("content")
            if isinstance(content, list):
                said += [part.get("text", "") for part in content]
            else:
                said.append(content or "")
        return "\n".join(said)
