"""What the parts of a menu file are made of: names, keys, dial strings, and texts by language.

Decides the form of each by itself. Refuses to know which parts there are (`source`).
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from gateway.datafile import shape
from gateway.datafile.shape import LANGUAGE, NAME

KEY = r"^[0-9]{1,3}$"
DIAL_STRING = r"^[*#]{1,3}[0-9]+([*#][0-9]+)*([*#]\{[a-z][a-z0-9_]{0,39}\})?#$"
PATTERNS = {
    **shape.PATTERNS,
    KEY: "one to three digits, as a phone has them",
    DIAL_STRING: 'a dial string in quotes, such as "*123*1#", or "*123*{gift_code}#" for what is typed last',
}
"""What each pattern asks for, as findings say it."""

Name = Annotated[str, Field(pattern=NAME)]
Language = Annotated[str, Field(pattern=LANGUAGE)]
Key = Annotated[str, Field(pattern=KEY, description="What a subscriber presses.")]
DialString = Annotated[str, Field(pattern=DIAL_STRING)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
ByLanguage = Annotated[dict[Language, Words], Field(min_length=1)]


class Usable:
    """In the schema for editors: a fragment may stand in this place (`expand`). The model never sees one."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        use = {"description": "The name of a fragment.", "type": "string"}
        return {"anyOf": [handler(core), {"type": "object", "properties": {"use": use}, "required": ["use"]}]}


Said = Annotated[ByLanguage, Usable()]


class Part(BaseModel):
    """Whatever has keys: no others than it knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)
