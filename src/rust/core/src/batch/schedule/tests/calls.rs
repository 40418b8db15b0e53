//! Batches of calls, to which rows are added.

use super::*;

/// A batch of calls, which begins without any.
fn open_clock() -> Clock {
    let mut clock = clock(0, None, policy());
    clock.schedule.is_open = true;
    clock
}

#[test]
fn a_batch_of_calls_waits_for_inputs_until_no_more_come() {
    let mut clock = open_clock();
    assert_eq!(clock.next(), Step::Wait(None));
    clock.schedule.add().unwrap();
    assert_eq!(clock.send(), 0);
    clock.schedule.add().unwrap();
    assert_eq!(clock.is(0, Completion::Final), Decision::Deliver);
    assert_eq!(clock.send(), 1);
    clock.schedule.finish();
    assert_eq!(clock.next(), Step::Wait(None));
    assert_eq!(clock.is(1, Completion::Final), Decision::Deliver);
    assert_eq!(clock.next(), Step::Done);
}

#[test]
fn a_single_call_that_is_throttled_waits_longer_each_time() {
    let mut clock = open_clock();
    clock.schedule.add().unwrap();
    clock.schedule.finish();
    let error = service_error();
    let mut sent = clock.now;
    for wait in [150, 300, 600, 1_200] {
        assert_eq!(clock.send(), 0);
        assert!(clock.now >= sent);
        sent = clock.now;
        let decision = clock.is(0, Completion::Failed(&error, Next::SlowDown));
        assert_eq!(decision, Decision::Again);
        assert_eq!(clock.next(), Step::Wait(Some(sent + ms(wait))));
    }
}

#[test]
fn a_call_that_is_added_after_credentials_failed_fails_as_well() {
    let mut clock = open_clock();
    clock.schedule.add().unwrap();
    clock.schedule.add().unwrap();
    let sent = clock.send_all();
    clock.is(sent[0], Completion::Final);
    let error = Error::Credentials { reason: "x".into() };
    let decision = clock.is(sent[1], Completion::Failed(&error, Next::GiveUp));
    assert_eq!(decision, Decision::Fail(vec![sent[1]], error.clone()));
    assert_eq!(clock.schedule.add(), Err(error));
}
