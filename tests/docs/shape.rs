//! JSON examples: the same fields in the same order with the same types, whatever the values.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value without its value. Fields keep their order, which `serde_json::Value` would
/// not.
#[derive(Debug)]
enum Shape {
    Null,
    Bool,
    Number,
    Text,
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

/// The first place where `real` is not of the example's shape, if there is one. `null` in the
/// example stands for anything, an empty list for any list.
pub(super) fn difference(example: &str, real: &str) -> Option<String> {
    let parse = |text: &str, whose: &str| {
        serde_json::from_str::<Shape>(text).map_err(|error| format!("{whose} is no JSON: {error}"))
    };
    match (parse(example, "the example"), parse(real, "what is printed")) {
        (Ok(example), Ok(real)) => differs("", &example, &real),
        (Err(error), _) | (_, Err(error)) => Some(error),
    }
}

fn differs(at: &str, example: &Shape, real: &Shape) -> Option<String> {
    let differ = || Some(format!("at {at:?} the example has {example}, the program prints {real}"));
    match (example, real) {
        (Shape::Null, _)
        | (Shape::Bool, Shape::Bool)
        | (Shape::Number, Shape::Number)
        | (Shape::Text, Shape::Text) => None,
        (Shape::List(example), Shape::List(_)) if example.is_empty() => None,
        (Shape::List(example), Shape::List(real)) if example.len() == real.len() => {
            let mut pairs = (0..).zip(example.iter().zip(real));
            pairs.find_map(|(index, (example, real))| differs(&format!("{at}[{index}]"), example, real))
        }
        (Shape::Object(example), Shape::Object(real)) => {
            let names = |fields: &[(String, Shape)]| -> Vec<String> {
                fields.iter().map(|(name, _)| name.clone()).collect()
            };
            if names(example) != names(real) {
                return differ();
            }
            let mut pairs = example.iter().zip(real);
            pairs.find_map(|((name, example), (_, real))| differs(&format!("{at}.{name}"), example, real))
        }
        _ => differ(),
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool => f.write_str("true or false"),
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("a text"),
            Self::List(items) => write!(f, "a list of {}", items.len()),
            Self::Object(fields) => {
                let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                write!(f, "an object of {}", names.join(", "))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShapeVisitor)
    }
}

struct ShapeVisitor;

impl<'de> Visitor<'de> for ShapeVisitor {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Bool)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Number)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Shape::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Shape, A::Error> {
        let mut object = Vec::new();
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Shape::Object(object))
    }
}

#[test]
fn values_may_differ_and_null_stands_for_anything() {
    let example = r#"{"id":"a","list":[],"limit":{"n":1},"end":null,"pair":[1,"x"]}"#;
    let real = r#"{"id":"b","list":["x"],"limit":{"n":2},"end":"soon","pair":[2,"y"]}"#;
    assert_eq!(difference(example, real), None);
}

#[test]
fn a_planted_difference_of_shape_is_found() {
    let example = r#"{"id":"a","limit":{"n":1,"m":null},"list":[{"x":true}]}"#;
    for real in [
        r#"{"id":1,"limit":{"n":1,"m":null},"list":[{"x":true}]}"#,
        r#"{"id":null,"limit":{"n":1,"m":null},"list":[{"x":true}]}"#,
        r#"{"limit":{"n":1,"m":null},"id":"a","list":[{"x":true}]}"#,
        r#"{"id":"a","limit":{"n":1},"list":[{"x":true}]}"#,
        r#"{"id":"a","limit":{"n":"1","m":null},"list":[{"x":true}]}"#,
        r#"{"id":"a","limit":{"n":1,"m":null},"list":[]}"#,
        r#"{"id":"a","limit":{"n":1,"m":null},"list":[{"x":"true"}]}"#,
        r#"{"id":"a","limit":{"n":1,"m":null},"list":[{"x":true}],"new":1}"#,
        "[]",
        "no JSON",
    ] {
        assert!(difference(example, real).is_some(), "{real} went unnoticed");
    }
}
