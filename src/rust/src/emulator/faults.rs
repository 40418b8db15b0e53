//! Fault injection.

use super::with;
use crate::argument::{number, string, unexpected, Members};
use extendr_api::prelude::*;
use rekognition_emulator::Fault::{
    Chunked, Close, ContentLength, CutOff, Delay, Dribble, Drop, Gzip, Hang, Html, Refuse, Reset,
    Stall,
};
use rekognition_emulator::{Moment, Part, Refusal, StreamFault};
use std::time::Duration;

/// Injects a fault into the next requests.
#[extendr]
fn emulator_fault(emulator: Robj, kind: Robj, times: Robj, details: Robj) -> Robj {
    with(&emulator, |emulator| {
        let members = Members::of(&details);
        let kind = string(&kind).ok_or_else(|| unexpected("kind of fault"))?;
        let duration = |name| members.duration(name).unwrap_or(Duration::ZERO);
        let status = |default| members.number("status_code").unwrap_or(default) as u16;
        let refusal = |default| {
            Ok(Refusal {
                code: members.string("code").ok_or_else(|| unexpected("code"))?,
                message: members.string("message"),
                status: status(default),
            })
        };
        if let Some(kind) = kind.strip_prefix("stream_") {
            let at = match members.string("at").as_deref() {
                Some("start") => Moment::Start,
                _ => Moment::End,
            };
            let fault = match kind {
                "refused" => StreamFault::Refused(status(403.0)),
                "silent" => StreamFault::Silent,
                "late" => StreamFault::Late(duration("seconds")),
                "cut_off" => StreamFault::CutOff(at),
                "close" => {
                    let code = members.number("code").unwrap_or(1011.0);
                    StreamFault::Close(code as u16, at)
                }
                "error" => StreamFault::Error(refusal(400.0)?, at),
                "no_disconnection" => StreamFault::NoDisconnection,
                "dribble" => StreamFault::Dribble(duration("seconds")),
                _ => return Err(unexpected("kind of fault")),
            };
            emulator.fault_stream(fault, number(&times).unwrap_or(1.0) as u64);
            return Ok(true.into());
        }
        let fault = match kind.as_str() {
            "error" => Refuse(refusal(400.0)?),
            "delay" => Delay(duration("seconds")),
            "hang" => Hang,
            "close" => Close,
            "drop" => Drop,
            "reset" => Reset,
            "cut_off" => CutOff(match members.string("part").as_deref() {
                Some("header") => Part::Header,
                _ => Part::Body,
            }),
            "stall" => Stall,
            "dribble" => Dribble(duration("seconds")),
            "content_length" => ContentLength(members.number("by").unwrap_or(0.0) as i64),
            "chunked" => Chunked,
            "gzip" => Gzip,
            "html" => Html(status(503.0)),
            "rate" => {
                let per_second = members.number("per_second").unwrap_or(1.0);
                emulator.limit_rate(per_second, members.number("burst").unwrap_or(per_second));
                return Ok(true.into());
            }
            "none" => {
                emulator.clear_faults();
                return Ok(true.into());
            }
            _ => return Err(unexpected("kind of fault")),
        };
        match number(&times) {
            Some(times) => emulator.fault(fault, times as u64),
            None => emulator.fault_first(fault),
        }
        Ok(true.into())
    })
}

extendr_module! {
    mod faults;
    fn emulator_fault;
}
