//! Who is in which image, and how similar two faces are. An image is identified by its bytes.

use crate::faces::{samples, BoundingBox};
use crate::hash::{digest, fraction, single, uuid, Digest};
use crate::images::identity;
use std::collections::HashMap;

/// The service detects this many faces in an image.
const MAX_FACES: usize = 100;
/// The box of a face that was added without one.
const CENTRED: BoundingBox = BoundingBox {
    width: 0.4,
    height: 0.5,
    left: 0.3,
    top: 0.25,
};

/// A face in an image.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// The image.
    pub image: Digest,
    /// Its place among the faces of the image.
    pub place: usize,
    /// Who it is.
    pub person: String,
    /// Where it is.
    pub bounding_box: BoundingBox,
}

impl Face {
    /// What tells this face from all others.
    pub fn key(&self) -> Digest {
        digest(&[&self.image, &self.place.to_be_bytes()])
    }

    /// A number from `low` to `high`, the same for each request.
    pub fn number(&self, what: &str, low: f64, high: f64) -> f64 {
        single(low + (high - low) * fraction(&[&self.key(), what.as_bytes()]))
    }

    /// The confidence that it is a face.
    pub fn confidence(&self) -> f64 {
        self.number("confidence", 99.9, 100.0)
    }

    /// The similarity of two faces in percent: at least 97 for one person, below 40 for different people.
    pub fn similarity(&self, other: &Face) -> f64 {
        let mut keys = [self.key(), other.key()];
        keys.sort_unstable();
        if keys[0] == keys[1] {
            return 100.0;
        }
        let chance = fraction(&[&keys[0], &keys[1]]);
        single(if self.person == other.person {
            97.0 + 2.99 * chance
        } else {
            39.0 * chance
        })
    }
}

/// The people that the emulator knows.
#[derive(Debug)]
pub struct People {
    samples: HashMap<Digest, Vec<Face>>,
    added: HashMap<Digest, Vec<Face>>,
}

impl Default for People {
    fn default() -> Self {
        let mut known: HashMap<Digest, Vec<Face>> = HashMap::new();
        for sample in samples() {
            if let Some(image) = identity(sample.bytes) {
                let faces = known.entry(image).or_default();
                push(faces, image, &sample.person, sample.bounding_box);
            }
        }
        People {
            samples: known,
            added: HashMap::new(),
        }
    }
}

fn push(faces: &mut Vec<Face>, image: Digest, person: &str, bounding_box: BoundingBox) {
    let place = faces.len();
    faces.push(Face {
        image,
        place,
        person: person.to_owned(),
        bounding_box,
    });
}

impl People {
    /// Adds a face to an image, whose faces are then those that were added. Without a person, the image has no faces.
    pub fn add_face(
        &mut self,
        image: Digest,
        person: Option<&str>,
        bounding_box: Option<BoundingBox>,
    ) {
        let faces = self.added.entry(image).or_default();
        match person {
            Some(person) => push(faces, image, person, bounding_box.unwrap_or(CENTRED)),
            None => faces.clear(),
        }
    }

    /// The faces in an image, the largest first. An unknown image shows a person of its own.
    pub fn faces(&self, image: Digest) -> Vec<Face> {
        let known = self.added.get(&image).or_else(|| self.samples.get(&image));
        let mut faces = known.cloned().unwrap_or_else(|| {
            let mut faces = Vec::new();
            let person = format!("only in image {}", uuid(&[&image]));
            push(&mut faces, image, &person, CENTRED);
            faces
        });
        faces.sort_by(|a, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        faces.truncate(MAX_FACES);
        faces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: BoundingBox = BoundingBox {
        width: 0.1,
        height: 0.1,
        left: 0.0,
        top: 0.0,
    };

    #[test]
    fn an_image_has_the_faces_that_were_added() {
        let mut people = People::default();
        let image = [1; 32];
        let own = people.faces(image);
        assert_eq!(own.len(), 1);
        assert_ne!(own[0].person, people.faces([2; 32])[0].person);
        people.add_face(image, Some("bob"), Some(SMALL));
        people.add_face(image, Some("alice"), None);
        let names = |faces: Vec<Face>| -> Vec<String> {
            faces.into_iter().map(|face| face.person).collect()
        };
        assert_eq!(names(people.faces(image)), ["alice", "bob"]);
        people.add_face(image, None, None);
        assert!(people.faces(image).is_empty());
    }

    #[test]
    fn similarity_separates_people() {
        let mut people = People::default();
        for (n, person) in [(1, "alice"), (2, "alice"), (3, "bob")] {
            people.add_face([n; 32], Some(person), None);
        }
        let face = |n: u8| people.faces([n; 32]).remove(0);
        assert_eq!(face(1).similarity(&face(1)), 100.0);
        for n in 4..200 {
            people.add_face(
                [n; 32],
                Some(if n % 2 == 0 { "alice" } else { "bob" }),
                None,
            );
        }
        let face = |n: u8| people.faces([n; 32]).remove(0);
        for (a, b) in (1..200).zip(2..200) {
            let similarity = face(a).similarity(&face(b));
            assert_eq!(similarity, face(b).similarity(&face(a)));
            assert_eq!(similarity, f64::from(similarity as f32));
            if face(a).person == face(b).person {
                assert!((97.0..=99.99).contains(&similarity), "{similarity}");
            } else {
                assert!((0.0..40.0).contains(&similarity), "{similarity}");
            }
        }
    }

    #[test]
    fn the_sample_images_of_a_session_show_one_person() {
        let people = People::default();
        let sample = |n: usize| {
            let file = format!("face-{n}.jpg");
            let sample = samples().iter().find(|sample| sample.file == file).unwrap();
            people.faces(identity(sample.bytes).unwrap()).remove(0)
        };
        for n in 1..5 {
            assert!(sample(0).similarity(&sample(n)) > 97.0);
        }
    }
}
