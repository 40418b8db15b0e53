//! Idempotency tokens: a request with a known token gets the response of the first.

use crate::error::Refusal;
use crate::input::Input;
use crate::ordered::Ordered;
use rekognition_model::{model, Operation};
use serde_json::Value;

const MAX_TOKENS: usize = 1000;

/// The latest requests with a token, and their responses.
#[derive(Debug, Default)]
pub struct Tokens(Ordered<(Input, Value)>);

impl Tokens {
    /// The response to an earlier request with the token of this one. Sessions keep their own tokens.
    pub fn find(&self, operation: &Operation, input: &Input) -> Result<Option<Value>, Refusal> {
        match key(operation, input).and_then(|key| self.0.get(&key)) {
            Some((earlier, response)) if earlier == input => Ok(Some(response.clone())),
            Some(_) => Err(Refusal::new(
                "IdempotentParameterMismatchException",
                &format!(
                    "The ClientRequestToken: {} you have supplied is already in use.",
                    input.required("ClientRequestToken")
                ),
            )),
            None => Ok(None),
        }
    }

    /// Keeps the response to a request, if it has a token.
    pub fn keep(&mut self, operation: &Operation, input: &Input, response: &Value) {
        if let Some(key) = key(operation, input) {
            self.0.insert(&key, (input.clone(), response.clone()));
            if self.0.len() > MAX_TOKENS {
                self.0.remove_oldest();
            }
        }
    }
}

fn key(operation: &Operation, input: &Input) -> Option<String> {
    let members = model().shape(operation.input).members();
    let token = members.iter().find(|member| member.is_token)?;
    let is_kept = operation.name != "CreateFaceLivenessSession";
    let token = input.string(&token.name).filter(|_| is_kept)?;
    Some(format!("{} {token}", operation.name))
}
