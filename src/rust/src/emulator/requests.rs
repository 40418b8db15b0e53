//! The record of requests.

use super::with;
use extendr_api::prelude::*;
use rekognition_emulator::Record;
use std::time::UNIX_EPOCH;

/// The requests received, as columns.
#[extendr]
fn emulator_requests(emulator: Robj) -> Robj {
    with(&emulator, |emulator| {
        let records = emulator.requests();
        let seconds = |time: &std::time::SystemTime| {
            time.duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs_f64()
        };
        let texts = |column: fn(&Record) -> Option<&String>| -> Robj {
            let column = records
                .iter()
                .map(|record| column(record).map(|s| s.replace('\0', "\u{fffd}")));
            column.collect::<Vec<Option<String>>>().into()
        };
        let counts = |column: fn(&Record) -> Option<i32>| -> Robj {
            records
                .iter()
                .map(column)
                .collect::<Vec<Option<i32>>>()
                .into()
        };
        Ok(List::from_pairs([
            (
                "time",
                records
                    .iter()
                    .map(|record| seconds(&record.time))
                    .collect::<Vec<f64>>()
                    .into(),
            ),
            ("operation", texts(|record| record.operation.as_ref())),
            ("session_id", texts(|record| record.session_id.as_ref())),
            (
                "client_request_token",
                texts(|record| record.client_request_token.as_ref()),
            ),
            (
                "access_key_id",
                texts(|record| record.access_key_id.as_ref()),
            ),
            (
                "attempt",
                counts(|record| record.attempt.and_then(|n| n.try_into().ok())),
            ),
            ("user_agent", texts(|record| record.user_agent.as_ref())),
            ("status_code", counts(|record| record.status.map(i32::from))),
            ("code", texts(|record| record.code.as_ref())),
            ("request_id", texts(|record| Some(&record.request_id))),
            (
                "video_bytes",
                counts(|record| record.video_bytes.and_then(|n| n.try_into().ok())),
            ),
        ])
        .into())
    })
}

extendr_module! {
    mod requests;
    fn emulator_requests;
}
