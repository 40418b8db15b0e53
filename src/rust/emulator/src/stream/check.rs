//! The events of one check, in the order in which they must come. What they contain is not judged.

use super::challenge::COLORS;
use crate::challenges::LIGHT;
use crate::error::Refusal;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;
use serde_json::Value;

/// The most video that the service accepts, in bytes.
const MAX_VIDEO: usize = 10_000_000;

/// What has come so far.
#[derive(Debug)]
pub struct Check {
    challenge: String,
    has_started: bool,
    has_ended: bool,
    colors: usize,
    video_bytes: usize,
    /// The video, if it is kept.
    video: Option<Vec<u8>>,
}

/// Whether a check is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// More events must come.
    Continues,
    /// The video has ended.
    Complete,
}

impl Check {
    /// A check of this challenge.
    pub fn new(challenge: &str, keeps_video: bool) -> Self {
        Check {
            challenge: challenge.to_owned(),
            has_started: false,
            has_ended: false,
            colors: 0,
            video_bytes: 0,
            video: keeps_video.then(Vec::new),
        }
    }

    /// The bytes of video so far.
    pub fn video_bytes(&self) -> usize {
        self.video_bytes
    }

    /// The video, if it was kept.
    pub fn into_video(self) -> Option<Vec<u8>> {
        self.video
    }

    /// Takes the next event.
    pub fn receive(&mut self, kind: &str, body: &Value) -> Result<Progress, Refusal> {
        match kind {
            "VideoEvent" => self.video(body),
            "ClientSessionInformationEvent" => {
                self.information(body)?;
                Ok(Progress::Continues)
            }
            _ => Err(Refusal::validation(
                "An event is neither a VideoEvent nor a ClientSessionInformationEvent.",
            )),
        }
    }

    fn video(&mut self, body: &Value) -> Result<Progress, Refusal> {
        optional(body, "TimestampMillis", Value::is_number)?;
        optional(body, "VideoChunk", Value::is_string)?;
        let chunk = body["VideoChunk"].as_str().unwrap_or_default();
        let chunk = STANDARD
            .decode(chunk)
            .map_err(|_| Refusal::validation("The VideoChunk of a VideoEvent is not base64."))?;
        if chunk.is_empty() {
            return self.end();
        }
        self.video_bytes += chunk.len();
        if self.video_bytes > MAX_VIDEO {
            return Err(Refusal::validation("The video is larger than 10 MB."));
        }
        if let Some(video) = &mut self.video {
            video.extend_from_slice(&chunk);
        }
        Ok(Progress::Continues)
    }

    /// An empty chunk ends the video.
    fn end(&self) -> Result<Progress, Refusal> {
        let missing = if self.video_bytes == 0 {
            "a chunk of video"
        } else if !self.has_started {
            "the first face"
        } else if self.challenge == LIGHT && self.colors < COLORS.len() {
            "all colors"
        } else if !self.has_ended {
            "the face in the oval"
        } else {
            return Ok(Progress::Complete);
        };
        Err(Refusal::validation(&format!(
            "The end of the video came before {missing}."
        )))
    }

    fn information(&mut self, body: &Value) -> Result<(), Refusal> {
        let challenge = body["Challenge"].as_object();
        let challenge = challenge.filter(|members| members.len() == 1);
        let body = challenge.and_then(|members| members.get(&self.challenge));
        let body = body.filter(|body| body.is_object()).ok_or_else(|| {
            Refusal::validation(&format!(
                "The Challenge of a ClientSessionInformationEvent is not the {} of this session.",
                self.challenge
            ))
        })?;
        required(body, "ChallengeId", |id| {
            id.as_str().is_some_and(|id| !id.is_empty())
        })?;
        optional(body, "VideoStartTimestamp", Value::is_number)?;
        optional(body, "VideoEndTimestamp", Value::is_number)?;
        if let Some(face) = member(body, "InitialFace") {
            required(face, "BoundingBox", is_box)?;
            required(face, "InitialFaceDetectedTimestamp", Value::is_number)?;
            self.has_started |= body["VideoStartTimestamp"].is_number();
        }
        if let Some(face) = member(body, "TargetFace") {
            required(face, "BoundingBox", is_box)?;
            for name in [
                "FaceDetectedInTargetPositionStartTimestamp",
                "FaceDetectedInTargetPositionEndTimestamp",
            ] {
                required(face, name, Value::is_number)?;
            }
            self.has_ended |= body["VideoEndTimestamp"].is_number();
        }
        if let Some(color) = member(body, "ColorDisplayed").filter(|_| self.challenge == LIGHT) {
            self.color(color)?;
        }
        Ok(())
    }

    /// Colors must come in order, and as they were asked for.
    fn color(&mut self, color: &Value) -> Result<(), Refusal> {
        required(color, "CurrentColorStartTimestamp", Value::is_number)?;
        required(color, "SequenceNumber", |n| {
            n.as_u64() == u64::try_from(self.colors).ok()
        })?;
        let expected = COLORS.get(self.colors);
        required(color, "CurrentColor", |color| {
            expected.is_some_and(|expected| color["RGB"] == serde_json::json!(expected))
        })?;
        self.colors += 1;
        Ok(())
    }
}

fn member<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).filter(|value| !value.is_null())
}

fn required(body: &Value, name: &str, is_valid: impl Fn(&Value) -> bool) -> Result<(), Refusal> {
    match member(body, name) {
        Some(value) if is_valid(value) => Ok(()),
        Some(_) => Err(Refusal::validation(&format!(
            "The {name} of an event is invalid."
        ))),
        None => Err(Refusal::validation(&format!(
            "The {name} of an event is missing."
        ))),
    }
}

fn optional(body: &Value, name: &str, is_valid: impl Fn(&Value) -> bool) -> Result<(), Refusal> {
    match member(body, name) {
        Some(_) => required(body, name, is_valid),
        None => Ok(()),
    }
}

fn is_box(value: &Value) -> bool {
    ["Width", "Height", "Left", "Top"]
        .iter()
        .all(|side| value[*side].is_number())
}

#[cfg(test)]
mod tests;
