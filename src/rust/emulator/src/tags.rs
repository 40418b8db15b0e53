//! The tags of collections: ListTagsForResource, TagResource and UntagResource.

use crate::collections::{Collection, Collections};
use crate::error::Refusal;
use crate::input::Input;
use serde_json::{json, Value};

const MAX_TAGS: usize = 200;

/// ListTagsForResource.
pub fn list(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    Ok(json!({"Tags": find(collections, input)?.tags}))
}

/// TagResource.
pub fn tag(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = find(collections, input)?;
    let mut tags = collection.tags.clone();
    tags.extend(
        input
            .entries("Tags")
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    if tags.len() > MAX_TAGS {
        return Err(Refusal::new(
            "ServiceQuotaExceededException",
            &format!("A resource has at most {MAX_TAGS} tags"),
        ));
    }
    collection.tags = tags;
    Ok(json!({}))
}

/// UntagResource.
pub fn untag(collections: &mut Collections, input: &Input) -> Result<Value, Refusal> {
    let collection = find(collections, input)?;
    for key in input.strings("TagKeys") {
        collection.tags.shift_remove(key);
    }
    Ok(json!({}))
}

fn find<'c>(
    collections: &'c mut Collections,
    input: &Input,
) -> Result<&'c mut Collection, Refusal> {
    let arn = input.required("ResourceArn");
    collections
        .by_arn(arn)
        .ok_or_else(|| Refusal::not_found(&format!("The resource {arn} does not exist")))
}
