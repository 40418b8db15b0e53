//! On generated responses, our parser and serde_json agree.

use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rekognition_core::base64::Blob;
use rekognition_core::json::Value;
use rekognition_core::results::session_results;
use rekognition_core::text::clean;
use rekognition_fuzz::same;
use serde_json::{json, Map, Value as Theirs};

/// Any JSON value.
fn any_value() -> impl Strategy<Value = Theirs> {
    let leaf = prop_oneof![
        Just(Theirs::Null),
        any::<bool>().prop_map(Theirs::from),
        any::<i64>().prop_map(Theirs::from),
        any::<u64>().prop_map(Theirs::from),
        any::<f64>().prop_map(Theirs::from),
        any::<String>().prop_map(Theirs::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..8).prop_map(Theirs::from),
            vec((any::<String>(), inner), 0..8)
                .prop_map(|members| Theirs::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A JSON text for a value, with random white space, escapes and number formats.
fn write(value: &Theirs, dice: &mut impl FnMut(usize) -> usize) -> String {
    let space = |dice: &mut dyn FnMut(usize) -> usize| ["", "", " ", "\n\t", "\r"][dice(5)];
    let body = match value {
        Theirs::String(text) => write_string(text, dice),
        Theirs::Number(number) => match (number.as_f64(), dice(4)) {
            (Some(x), 0) => format!("{x:e}"),
            (Some(x), 1) => format!("{x:E}").replace("E-", "E-00"),
            (Some(x), 2) if number.is_f64() && (1e-10..1e15).contains(&x.abs()) => {
                format!("{x:.30}")
            }
            _ => number.to_string(),
        },
        Theirs::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| write(item, dice)).collect();
            format!("[{}{}]", space(dice), items.join(","))
        }
        Theirs::Object(members) => {
            let mut texts = Vec::new();
            for (name, member) in members {
                // Of repeated members, the last one wins.
                if dice(10) == 0 {
                    texts.push(format!("{}:false", write_string(name, dice)));
                }
                let name = write_string(name, dice);
                texts.push(format!("{name}{}:{}", space(dice), write(member, dice)));
            }
            format!("{{{}{}}}", space(dice), texts.join(","))
        }
        _ => value.to_string(),
    };
    format!("{}{body}{}", space(dice), space(dice))
}

fn write_string(text: &str, dice: &mut impl FnMut(usize) -> usize) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '/' if dice(2) == 0 => out.push_str("\\/"),
            _ if c < ' ' || dice(4) == 0 => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A random number generator with a seed: `dice(n)` is below `n`.
fn dice(mut seed: u64) -> impl FnMut(usize) -> usize {
    move |sides| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % sides
    }
}

fn text_member() -> impl Strategy<Value = Option<String>> {
    // R strings cannot contain NUL, and the reader refuses it.
    option::of(any::<String>().prop_map(|text| text.replace('\0', "")))
}

fn number_member() -> impl Strategy<Value = Option<f64>> {
    option::of(prop_oneof![
        (0.0..=100.0),
        any::<f64>().prop_filter("JSON can represent it", |x| x.is_finite()),
        any::<f32>()
            .prop_filter("JSON can represent it", |x| x.is_finite())
            .prop_map(f64::from),
    ])
}

#[derive(Debug, Clone)]
struct Image {
    bytes: Option<Vec<u8>>,
    name: Option<String>,
    left: Option<f64>,
}

fn image() -> impl Strategy<Value = Image> {
    let bytes = option::of(vec(any::<u8>(), 0..100));
    (bytes, text_member(), number_member()).prop_map(|(bytes, name, left)| Image {
        bytes,
        name,
        left,
    })
}

impl Image {
    fn json(&self) -> Theirs {
        json!({
            "Bytes": self.bytes.as_ref().map(|bytes| STANDARD.encode(bytes)),
            "S3Object": {"Name": self.name},
            "BoundingBox": {"Left": self.left},
        })
    }

    fn check(&self, image: &Value<'_>) {
        let decoded = Blob::in_member(image, "Bytes").map(|blob| {
            let mut bytes = vec![0; blob.decoded_len()];
            blob.decode_into(&mut bytes).unwrap();
            bytes
        });
        assert_eq!(decoded, self.bytes);
        assert_eq!(
            image
                .get("S3Object")
                .and_then(|object| object.string("Name"))
                .as_deref(),
            self.name.as_deref()
        );
        assert_eq!(
            image
                .get("BoundingBox")
                .and_then(|face| face.number("Left")),
            self.left
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_json_text_is_parsed_as_by_serde_json(value in any_value(), seed in any::<u64>()) {
        let text = write(&value, &mut dice(seed));
        let theirs: Theirs = serde_json::from_str(&text).unwrap();
        let ours = Value::parse(text.as_bytes()).unwrap();
        prop_assert!(same(&ours, &theirs), "{}", text);
        rekognition_fuzz::response(text.as_bytes());
    }

    #[test]
    fn results_have_the_values_of_the_response(
        id in text_member(),
        status in text_member(),
        confidence in number_member(),
        reference in image(),
        audits in vec(image(), 0..5),
        seed in any::<u64>(),
    ) {
        let response = json!({
            "SessionId": id,
            "Status": status,
            "Confidence": confidence,
            "ReferenceImage": reference.json(),
            "AuditImages": audits.iter().map(Image::json).collect::<Vec<_>>(),
        });
        let text = write(&response, &mut dice(seed));
        // Without id and status it may resemble an error document, but has none of its members.
        let results = session_results(text.as_bytes()).unwrap();
        prop_assert_eq!(results.session_id().map(|id| id.into_owned()), id);
        prop_assert_eq!(results.status().map(|status| status.into_owned()), status);
        prop_assert_eq!(results.confidence(), confidence);
        reference.check(results.reference_image().unwrap_or(&Value::Null));
        prop_assert_eq!(results.audit_images().len(), audits.len());
        for (expected, image) in audits.iter().zip(results.audit_images()) {
            expected.check(image);
        }
    }

    #[test]
    fn cleaned_text_fits_its_width_and_has_no_control_characters(text in any::<String>(), width in 0_usize..40) {
        let shown = clean(&text, width);
        let length = shown.chars().count();
        prop_assert!(length <= width.max(3));
        let is_control = |c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c);
        prop_assert_eq!(shown.chars().find(|c| is_control(*c)), None);
        if text.chars().count() <= width {
            prop_assert_eq!(length, text.chars().count());
        }
    }

    #[test]
    fn truncated_text_is_refused(value in any_value(), seed in any::<u64>(), cut in any::<u64>()) {
        let text = write(&json!({ "a": value }), &mut dice(seed));
        let end = text.trim_end().len() as u64;
        let cut = (cut % end) as usize;
        prop_assert!(Value::parse(&text.as_bytes()[..cut]).is_err());
    }
}
