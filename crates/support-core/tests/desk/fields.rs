//! Custom fields of tickets, of every kind.

use super::*;
use serde_json::{Map, Value, json};
use support_core::domain::{
    field::{Field, FieldKind},
    profile::When,
};

fn field(key: &str, kind: FieldKind) -> Field {
    Field { key: key.into(), label: String::new(), kind, when: When::default(), required: false, internal: false }
}

fn options() -> Vec<String> {
    vec!["red".into(), "blue".into()]
}

fn profile() -> Profile {
    let mut profile = Profile::bookings();
    profile.fields = vec![
        field("plate", FieldKind::Text),
        field("mileage", FieldKind::Number),
        field("insured", FieldKind::Checkbox),
        field("bought_on", FieldKind::Date),
        field("colour", FieldKind::Select(options())),
        field("colours", FieldKind::MultiSelect(options())),
        Field { internal: true, required: true, ..field("margin", FieldKind::Number) },
        Field {
            required: true,
            when: When { category: vec!["payment".into()], ..When::default() },
            ..field("invoice", FieldKind::Text)
        },
    ];
    profile
}

fn map(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn with(fields: Value) -> NewTicket {
    let mut new = NewTicket::new("a", "b").category("general");
    new.opening.fields = map(fields);
    new
}

/// The wrong fields, and what would be right.
fn faults<T: std::fmt::Debug>(answer: Result<T, Error>) -> Vec<(String, Vec<String>)> {
    match answer {
        Err(Error::Refused(Refusal::Invalid(faults))) => {
            faults.0.into_iter().map(|fault| (fault.field, fault.allowed)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn names_of(faults: &[(String, Vec<String>)]) -> Vec<&str> {
    faults.iter().map(|(field, _)| field.as_str()).collect()
}

#[tokio::test]
async fn every_kind_is_taken_and_kept() {
    let Setup { desk, .. } = setup(MemoryStore::new(), profile());
    let values = json!({
        "plate": " AB 123 ", "mileage": 12.5, "insured": false, "bought_on": "2026-02-28", "colour": "red",
        "colours": ["blue", "red", "blue"],
    });
    let opened = desk.tickets().open(&ada(), with(values)).await.unwrap().ticket;
    let kept = json!({
        "plate": "AB 123", "mileage": 12.5, "insured": false, "bought_on": "2026-02-28", "colour": "red",
        "colours": ["blue", "red"],
    });
    assert_eq!(Value::Object(opened.fields.clone()), kept);
    let edit = Edit { fields: map(json!({ "plate": null, "colour": "blue", "margin": 3 })), ..Edit::default() };
    let edited = desk.tickets().edit(&grace(), opened.id, edit.clone()).await.unwrap();
    assert_eq!((edited.fields.get("plate"), &edited.fields["colour"]), (None, &json!("blue")));
    assert_eq!((&edited.fields["margin"], &edited.fields["mileage"]), (&json!(3), &json!(12.5)));
    assert_eq!(desk.tickets().edit(&grace(), opened.id, edit).await.unwrap(), edited, "what is so already");
    let seen = desk.tickets().get(&ada(), opened.id).await.unwrap().ticket;
    assert_eq!(seen.fields.get("margin"), None);
    assert_eq!(seen.updated_at, opened.updated_at);
}

#[tokio::test]
async fn a_value_of_another_kind_is_a_fault() {
    let Setup { desk, .. } = setup(MemoryStore::new(), profile());
    let id = desk.tickets().open(&ada(), with(json!({}))).await.unwrap().ticket.id;
    let wrong = [
        ("plate", json!(7)),
        ("plate", json!(" ")),
        ("plate", json!("a\nb")),
        ("plate", json!("x".repeat(501))),
        ("mileage", json!("12")),
        ("insured", json!("yes")),
        ("bought_on", json!("2026-02-29")),
        ("bought_on", json!(20_260_228)),
        ("colour", json!("green")),
        ("colour", json!(["red"])),
        ("colours", json!("red")),
    ];
    for (key, value) in wrong {
        let path = format!("fields.{key}");
        let refused = faults(desk.tickets().open(&ada(), with(json!({ key: value }))).await);
        assert_eq!(names_of(&refused), [&path], "{value}");
        let edit = Edit { fields: map(json!({ key: value })), ..Edit::default() };
        assert_eq!(names_of(&faults(desk.tickets().edit(&grace(), id, edit).await)), [&path], "{value}");
    }
    let refused = faults(desk.tickets().open(&ada(), with(json!({ "colours": ["red", "green"] }))).await);
    assert_eq!(refused, [("fields.colours.1".to_owned(), options())]);
    let refused = faults(desk.tickets().open(&ada(), with(json!({ "colours": [1] }))).await);
    assert_eq!(names_of(&refused), ["fields.colours.0"]);
}

/// An internal field answers as one that is not there, to the byte.
#[tokio::test]
async fn customers_cannot_tell_an_internal_field_from_none() {
    let Setup { desk, .. } = setup(MemoryStore::new(), profile());
    let refused = async |key: &str| {
        let answer = desk.tickets().open(&ada(), with(json!({ key: 1 }))).await;
        let Err(Error::Refused(Refusal::Invalid(faults))) = answer else { panic!("{answer:?}") };
        faults.to_string().replace(key, "KEY")
    };
    assert_eq!(refused("margin").await, refused("nonsense").await);
    assert!(!refused("nonsense").await.contains("margin"));
    let for_them = |value: Value| with(value).customer(ada().customer_id().unwrap());
    let opened = desk.tickets().open(&grace(), for_them(json!({ "margin": 3 }))).await.unwrap().ticket;
    assert_eq!(opened.fields["margin"], json!(3));
    // Staff are asked for what only they know.
    let refused = faults(desk.tickets().open(&grace(), for_them(json!({}))).await);
    assert_eq!(names_of(&refused), ["fields.margin"]);
}

#[tokio::test]
async fn a_field_belongs_to_the_tickets_that_it_is_for() {
    let Setup { desk, .. } = setup(MemoryStore::new(), profile());
    let about_payment = |value: Value| with(value).category("payment");
    for missing in [json!({}), json!({ "invoice": null })] {
        assert_eq!(names_of(&faults(desk.tickets().open(&ada(), about_payment(missing)).await)), ["fields.invoice"]);
    }
    let refused = faults(desk.tickets().open(&ada(), about_payment(json!({ "invoice": 7 }))).await);
    assert_eq!(names_of(&refused), ["fields.invoice"], "one fault is enough");
    let opened = desk.tickets().open(&ada(), about_payment(json!({ "invoice": "R-1" }))).await.unwrap().ticket;
    assert_eq!(opened.fields["invoice"], json!("R-1"));
    let refused = faults(desk.tickets().open(&ada(), with(json!({ "invoice": "R-1" }))).await);
    assert_eq!(names_of(&refused), ["fields.invoice"], "other tickets have none");
    let other = desk.tickets().open(&ada(), with(json!({}))).await.unwrap().ticket.id;
    let edit = Edit { category: Some("payment".into()), fields: map(json!({ "invoice": "R-2" })), ..Edit::default() };
    let edited = desk.tickets().edit(&grace(), other, edit).await.unwrap();
    assert_eq!(edited.fields["invoice"], json!("R-2"), "with the category comes the field");
}
