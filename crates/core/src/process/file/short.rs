//! Short forms: what can be written as one word or, when there is more to say, as a mapping.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::{Ask, Branch, Event, EventWhen, Source, Suggest, To};

/// Lets a value be written as one word or, when there is more to say, as a mapping.
macro_rules! word_or_map {
    ($type:ty, $expecting:literal, $word:expr, $map:ty, $from_map:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> Visitor<'de> for Either {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<$type, E> {
                        let read: fn(&str) -> Result<$type, String> = $word;
                        read(word).map_err(E::custom)
                    }
                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        let read: fn($map) -> $type = $from_map;
                        <$map>::deserialize(MapAccessDeserializer::new(map)).map(read)
                    }
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Need {
    Required,
    Optional,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskMap {
    need: Need,
    #[serde(default)]
    default: Option<Value>,
    #[serde(default)]
    suggest: Option<Suggest>,
    #[serde(default)]
    copy: Option<String>,
}

word_or_map!(
    Ask,
    "`required`, `optional`, or a mapping with `need`",
    |word| match word {
        "required" => Ok(Ask {
            required: true,
            default: None,
            suggest: None,
            copy: None
        }),
        "optional" => Ok(Ask {
            required: false,
            default: None,
            suggest: None,
            copy: None
        }),
        other => Err(format!("`{other}` is neither `required` nor `optional`")),
    },
    AskMap,
    |m| Ask {
        required: matches!(m.need, Need::Required),
        default: m.default,
        suggest: m.suggest,
        copy: m.copy
    }
);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventMap {
    event: Event,
    #[serde(default)]
    when: Option<Source>,
}

word_or_map!(
    EventWhen,
    "the name of a moment, or a mapping with `event` and `when`",
    |word| Ok(EventWhen {
        event: word
            .parse()
            .map_err(|e: super::super::event::UnknownEvent| e.to_string())?,
        when: None
    }),
    EventMap,
    |m| EventWhen {
        event: m.event,
        when: m.when
    }
);

impl<'de> Deserialize<'de> for To {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = To;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the key of a state, or a list of branches with `state` and `when`")
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<To, E> {
                Ok(To(vec![Branch {
                    state: word.to_owned(),
                    when: None,
                }]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<To, A::Error> {
                let mut branches = Vec::new();
                while let Some(branch) = seq.next_element()? {
                    branches.push(branch);
                }
                if branches.is_empty() {
                    return Err(A::Error::custom("at least one branch is needed"));
                }
                Ok(To(branches))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl Serialize for To {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [Branch { state, when: None }] => serializer.serialize_str(state),
            branches => branches.serialize(serializer),
        }
    }
}
