use super::*;
use support_core::{
    desk::{callbacks::Wish, documents::Paging},
    domain::{
        calendar::{Calendar, LocalTime},
        callback::{CallbackRule, CallbackStatus, DayPart, NewCallback, WantedDay},
        span::Span,
    },
};

fn office() -> Profile {
    let time = |text: &str| text.parse::<LocalTime>().unwrap();
    let mut profile = Profile::vehicle_retail();
    let mut calendar = Calendar::new(chrono_tz::Europe::Berlin);
    for day in [chrono::Weekday::Mon, chrono::Weekday::Tue] {
        calendar = calendar.with_hours(day, time("09:00"), time("17:00"));
    }
    profile.calendars.insert("phone".into(), calendar);
    profile.callbacks = CallbackRule {
        calendar: Some("phone".into()),
        slot: Span::hours(1),
        capacity: 2,
        region: Some("DE".into()),
        ..CallbackRule::default()
    };
    profile
}

/// On Tuesday.
fn call(part: Option<DayPart>) -> NewCallback {
    NewCallback {
        customer: None,
        phone: "030 901820".into(),
        day: WantedDay::Date("2026-01-06".parse().unwrap()),
        part,
        time_zone: None,
        topic: "My parcel".into(),
        notes: None,
        ticket: None,
    }
}

fn wish(new: &NewCallback) -> Wish {
    Wish { day: new.day, part: new.part, time_zone: new.time_zone.clone() }
}

#[tokio::test]
async fn a_call_gets_the_first_seat_that_is_free() {
    let setup = setup_with(office(), |builder| builder);
    let desk = &setup.desk;
    let mut starts = Vec::new();
    for actor in [ada(), ada(), eve()] {
        let arranged = desk.callbacks().request(&actor, call(Some(DayPart::Morning))).await.unwrap();
        assert!(arranged.confirmation_sent);
        assert_eq!(arranged.callback.phone, "+4930901820");
        starts.push((arranged.callback.slot.start.to_rfc3339(), arranged.callback.seat));
    }
    let expected =
        [("2026-01-06T08:00:00+00:00", 0), ("2026-01-06T08:00:00+00:00", 1), ("2026-01-06T09:00:00+00:00", 0)];
    assert_eq!(starts, expected.map(|(start, seat)| (start.to_owned(), seat)));
    let slots = desk.callbacks().slots(&eve(), &wish(&call(Some(DayPart::Morning)))).await.unwrap();
    assert_eq!(slots.iter().map(|(_, left)| *left).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(setup.post.take().len(), 3);
}

#[tokio::test]
async fn what_is_booked_out_or_closed_is_refused() {
    let Setup { desk, .. } = setup_with(office(), |builder| builder);
    let nine = NewCallback { day: WantedDay::At("2026-01-06T08:00:00Z".parse().unwrap()), ..call(None) };
    for actor in [ada(), eve()] {
        desk.callbacks().request(&actor, nine.clone()).await.unwrap();
    }
    assert_eq!(wrong(desk.callbacks().request(&ada(), nine).await), ["preferredDate"]);
    for (day, part) in [
        (WantedDay::Date("2026-01-04".parse().unwrap()), None),
        (WantedDay::Date("2026-01-05".parse().unwrap()), Some(DayPart::Evening)),
        (WantedDay::At("2026-01-05T08:00:00Z".parse().unwrap()), None),
        (WantedDay::At("2026-01-06T08:17:00Z".parse().unwrap()), None),
        (WantedDay::Date("2027-01-05".parse().unwrap()), None),
    ] {
        let new = NewCallback { day, part, ..call(None) };
        assert_eq!(wrong(desk.callbacks().request(&eve(), new).await), ["preferredDate"], "{day:?}");
    }
    let bad = NewCallback {
        phone: "call me".into(),
        topic: " ".into(),
        time_zone: Some("Mars/Olympus".into()),
        notes: Some("x".repeat(2_001)),
        ..call(None)
    };
    assert_eq!(wrong(desk.callbacks().request(&ada(), bad).await), ["topic", "notes", "phone", "timeZone"]);
    let page = desk.callbacks().list(&grace(), None, Paging::default()).await.unwrap();
    assert_eq!(page.total, 2);
}

#[tokio::test]
async fn a_call_is_moved_cancelled_made_and_missed() {
    let setup = setup_with(office(), |builder| builder);
    let desk = &setup.desk;
    let id = desk.callbacks().request(&ada(), call(Some(DayPart::Morning))).await.unwrap().callback.id;
    hidden(desk.callbacks().get(&eve(), id).await);
    hidden(desk.callbacks().cancel(&eve(), id).await);
    let afternoon = wish(&call(Some(DayPart::Afternoon)));
    let moved = desk.callbacks().reschedule(&ada(), id, &afternoon).await.unwrap().callback;
    assert_eq!((moved.moved, moved.slot.start.to_rfc3339().as_str()), (1, "2026-01-06T11:00:00+00:00"));
    // It keeps its own seat when it is moved to where it is.
    let again = desk.callbacks().reschedule(&ada(), id, &afternoon).await.unwrap().callback;
    assert_eq!((again.slot, again.seat), (moved.slot, moved.seat));

    assert_eq!(wrong(desk.callbacks().end(&grace(), id, false, None).await), ["status"]);
    assert!(matches!(desk.callbacks().end(&ada(), id, true, None).await, Err(Error::Forbidden(_))));
    setup.advance(TimeDelta::hours(27));
    let missed = desk.callbacks().end(&grace(), id, false, Some("No answer".into())).await.unwrap();
    assert_eq!((missed.status, missed.outcome.as_deref()), (CallbackStatus::Missed, Some("No answer")));
    let back = desk.callbacks().list(&ada(), None, Paging::default()).await.unwrap();
    assert_eq!((back.total, back.items[0].status), (1, CallbackStatus::Missed));
    let next = Wish { day: WantedDay::Date("2026-01-12".parse().unwrap()), ..afternoon };
    desk.callbacks().reschedule(&grace(), id, &next).await.unwrap();
    desk.callbacks().end(&grace(), id, true, None).await.unwrap();
    assert!(state(desk.callbacks().cancel(&ada(), id).await).contains("made"));

    let other = NewCallback { day: next.day, ..call(Some(DayPart::Afternoon)) };
    let other = desk.callbacks().request(&ada(), other).await.unwrap().callback;
    desk.callbacks().cancel(&ada(), other.id).await.unwrap();
    assert!(state(desk.callbacks().cancel(&ada(), other.id).await).contains("cancelled"));
    let slots = desk.callbacks().slots(&ada(), &next).await.unwrap();
    assert_eq!(slots[0].1, 2, "both seats are free again");
}

#[tokio::test]
async fn nobody_fills_the_week() {
    let Setup { desk, .. } = setup_with(office(), |builder| builder);
    for _ in 0..3 {
        desk.callbacks().request(&ada(), call(None)).await.unwrap();
    }
    assert!(state(desk.callbacks().request(&ada(), call(None)).await).contains("so many"));
    desk.callbacks().request(&eve(), call(None)).await.unwrap();
    assert_eq!(wrong(desk.callbacks().request(&grace(), call(None)).await), ["customerId"]);
    let foreign = NewCallback { customer: Some(customer(ADA)), ..call(None) };
    assert_eq!(wrong(desk.callbacks().request(&eve(), foreign).await), ["customerId"]);
}

/// Two who want the last seat at once do not both get it.
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_is_one_persons() {
    let mut profile = office();
    profile.callbacks.capacity = 1;
    let Setup { desk, .. } = setup_with(profile, |builder| builder);
    let asked = (1..=12_u128).map(|n| {
        let desk = desk.clone();
        let new = NewCallback { day: WantedDay::At("2026-01-06T09:00:00Z".parse().unwrap()), ..call(None) };
        tokio::spawn(async move { desk.callbacks().request(&Actor::customer(Uuid::from_u128(n), "Ada"), new).await })
    });
    let mut got = 0;
    for answer in asked.collect::<Vec<_>>() {
        match answer.await.unwrap() {
            Ok(_) => got += 1,
            Err(error) => assert!(matches!(error, Error::Refused(_) | Error::Conflict), "{error:?}"),
        }
    }
    assert_eq!(got, 1);
}

#[tokio::test]
async fn a_desk_without_a_provider_says_so() {
    let Setup { desk, .. } = setup_with(office(), |builder| builder);
    let id = desk.callbacks().request(&ada(), call(None)).await.unwrap().callback.id;
    assert!(state(desk.callbacks().call(&grace(), id).await).contains("dial"));
    assert!(matches!(desk.callbacks().call(&ada(), id).await, Err(Error::Forbidden(_))));
}
