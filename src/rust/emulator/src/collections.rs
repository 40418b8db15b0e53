//! Collections: CreateCollection, ListCollections, DescribeCollection and DeleteCollection, and what other operations
//! need of them.

use crate::entries::{IndexedFace, User, FACE_MODEL};
use crate::error::Refusal;
use crate::input::Input;
use crate::ordered::Ordered;
use serde_json::{json, Map, Value};

/// The account that all resources are in.
/// The account of the emulator.
pub const ACCOUNT: &str = "111122223333";
/// The largest page of collections or faces.
pub const MAX_RESULTS: usize = 4096;
const MAX_COLLECTIONS: usize = 10_000;
/// Faces and users in all collections together.
const MAX_ENTRIES: usize = 100_000;

/// All collections.
#[derive(Debug, Default)]
pub struct Collections {
    region: String,
    by_id: Ordered<Collection>,
}

/// A collection.
#[derive(Debug, Default)]
pub struct Collection {
    created: f64,
    /// Its tags.
    pub tags: Map<String, Value>,
    /// Its faces, by face ID.
    pub faces: Ordered<IndexedFace>,
    /// Its users, by user ID.
    pub users: Ordered<User>,
}

impl Collections {
    /// No collections, in this region.
    pub fn new(region: &str) -> Self {
        Collections {
            region: region.to_owned(),
            ..Collections::default()
        }
    }

    /// CreateCollection. `now` is in seconds since 1970.
    pub fn create(&mut self, input: &Input, now: f64) -> Result<Value, Refusal> {
        let id = input.required("CollectionId");
        if self.by_id.get(id).is_some() {
            return Err(Refusal::new(
                "ResourceAlreadyExistsException",
                &format!("The collection id: {id} already exists"),
            ));
        }
        if self.by_id.len() >= MAX_COLLECTIONS {
            return Err(quota("collections", MAX_COLLECTIONS));
        }
        let tags = input.entries("Tags");
        let collection = Collection {
            created: now,
            tags: tags
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            ..Collection::default()
        };
        self.by_id.insert(id, collection);
        Ok(json!({
            "StatusCode": 200,
            "CollectionArn": self.arn(id),
            "FaceModelVersion": FACE_MODEL,
        }))
    }

    /// ListCollections.
    pub fn list(&self, input: &Input) -> Result<Value, Refusal> {
        let list = ["collections"];
        let (page, next) = self.by_id.page(&list, input, MAX_RESULTS, |_, _| true)?;
        let ids: Vec<&str> = page.into_iter().map(|(id, _)| id).collect();
        let versions = vec![FACE_MODEL; ids.len()];
        Ok(with_token(
            json!({"CollectionIds": ids, "FaceModelVersions": versions}),
            next,
        ))
    }

    /// DescribeCollection.
    pub fn describe(&self, input: &Input) -> Result<Value, Refusal> {
        let collection = self.find(input)?;
        Ok(json!({
            "FaceCount": collection.faces.len(),
            "FaceModelVersion": FACE_MODEL,
            "CollectionARN": self.full_arn(input.required("CollectionId")),
            "CreationTimestamp": collection.created,
            "UserCount": collection.users.len(),
        }))
    }

    /// DeleteCollection.
    pub fn delete(&mut self, input: &Input) -> Result<Value, Refusal> {
        let id = input.required("CollectionId");
        match self.by_id.remove(id) {
            Some(_) => Ok(json!({"StatusCode": 200})),
            None => Err(unknown(id)),
        }
    }

    /// The collection that the input names.
    pub fn find(&self, input: &Input) -> Result<&Collection, Refusal> {
        let id = input.required("CollectionId");
        self.by_id.get(id).ok_or_else(|| unknown(id))
    }

    /// The collection that the input names, to change it.
    pub fn find_mut(&mut self, input: &Input) -> Result<&mut Collection, Refusal> {
        let id = input.required("CollectionId");
        self.by_id.get_mut(id).ok_or_else(|| unknown(id))
    }

    /// The collection with this ARN, which may lack its `arn:`, as in the response of CreateCollection.
    pub fn by_arn(&mut self, arn: &str) -> Option<&mut Collection> {
        let (_, id) = arn.split_once(":collection/")?;
        if arn.strip_prefix("arn:").unwrap_or(arn) != self.arn(id) {
            return None;
        }
        self.by_id.get_mut(id)
    }

    /// Refuses to add so many faces or users that the emulator would grow without bounds.
    pub fn check_room(&self, added: usize) -> Result<(), Refusal> {
        let entries =
            |(_, collection): (&str, &Collection)| collection.faces.len() + collection.users.len();
        if self.by_id.iter().map(entries).sum::<usize>() + added > MAX_ENTRIES {
            return Err(quota("faces and users", MAX_ENTRIES));
        }
        Ok(())
    }

    /// The ARN of a collection.
    pub fn full_arn(&self, id: &str) -> String {
        format!("arn:{}", self.arn(id))
    }

    /// The service leaves out `arn:` here.
    fn arn(&self, id: &str) -> String {
        format!("aws:rekognition:{}:{ACCOUNT}:collection/{id}", self.region)
    }
}

/// A response with the token of the next page, if there is one.
pub fn with_token(mut response: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        response["NextToken"] = next.into();
    }
    response
}

fn unknown(id: &str) -> Refusal {
    Refusal::not_found(&format!("The collection id: {id} does not exist"))
}

fn quota(what: &str, most: usize) -> Refusal {
    Refusal::new(
        "ServiceQuotaExceededException",
        &format!("The emulator keeps at most {most} {what}."),
    )
}
