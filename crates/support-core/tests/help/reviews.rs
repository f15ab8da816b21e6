use super::*;
use proptest::prelude::*;
use support_core::{
    desk::{documents::Paging, reviews::ReviewFilter},
    domain::{
        moderation::{Moderation, Reason},
        review::{NewReview, RatingSum, ReviewState},
    },
};

fn review(purchase: &str, rating: i64) -> NewReview {
    NewReview {
        purchase: purchase.into(),
        rating,
        title: "A good car".into(),
        text: "The seats are comfortable and the boot is large.".into(),
        ..NewReview::default()
    }
}

#[tokio::test]
async fn a_review_is_read_once_a_person_has_approved_it() {
    let Setup { desk, .. } = setup();
    let written = desk.reviews().write(&ada(), review("P-1", 5)).await.unwrap();
    assert_eq!(written.state, ReviewState::PendingReview);
    assert_eq!(
        (written.vehicle_info.as_deref(), written.vehicle_type.as_deref()),
        (Some("2024 Estate"), Some("estate"))
    );
    hidden(desk.reviews().get(&eve(), written.id).await);
    hidden(desk.reviews().vote(&eve(), None, written.id, true).await);
    assert!(desk.reviews().get(&ada(), written.id).await.is_ok());
    let queue = desk.reviews().queue(&grace(), ReviewState::PendingReview, Paging::default()).await.unwrap();
    assert_eq!(queue.items.iter().map(|review| review.id).collect::<Vec<_>>(), [written.id]);
    assert!(desk.reviews().queue(&ada(), ReviewState::PendingReview, Paging::default()).await.is_err());

    desk.reviews().decide(&grace(), written.id, true, None).await.unwrap();
    let page = desk.reviews().list(&Actor::Guest, &ReviewFilter::default(), Paging::default()).await.unwrap();
    assert_eq!((page.items.len(), page.sum.count(), page.sum.average()), (1, 1, Some(5.0)));
    assert!(state(desk.reviews().decide(&grace(), written.id, true, None).await).contains("already"));
    assert_eq!(desk.reviews().vote(&eve(), None, written.id, true).await.unwrap().helpful, 1);
    assert!(state(desk.reviews().vote(&ada(), None, written.id, true).await).contains("yourself"));

    let withdrawn = desk.reviews().decide(&joan(), written.id, false, Some("Spam after all".into())).await.unwrap();
    assert_eq!(withdrawn.decision_note.as_deref(), Some("Spam after all"));
    let page = desk.reviews().list(&ada(), &ReviewFilter::default(), Paging::default()).await.unwrap();
    assert_eq!((page.items.len(), page.sum), (0, RatingSum::default()));
}

#[tokio::test]
async fn only_a_purchase_of_ones_own_is_reviewed_and_once() {
    let Setup { desk, .. } = setup();
    for foreign in ["P-9", "P-77", "p-1"] {
        assert_eq!(wrong(desk.reviews().write(&ada(), review(foreign, 4)).await), ["purchaseId"]);
    }
    desk.reviews().write(&ada(), review("P-1", 4)).await.unwrap();
    assert_eq!(wrong(desk.reviews().write(&ada(), review("P-1", 2)).await), ["purchaseId"]);
    desk.reviews().write(&ada(), review("P-2", 2)).await.unwrap();
    let bad = NewReview {
        title: String::new(),
        text: "x".repeat(5_001),
        display_name: Some("a\nb".into()),
        ..review("P-1", 6)
    };
    assert_eq!(wrong(desk.reviews().write(&ada(), bad).await), ["rating", "title", "review", "displayName"]);
    for rating in [0, -1, 6, i64::MAX] {
        assert_eq!(wrong(desk.reviews().write(&ada(), review("P-1", rating)).await), ["rating"]);
    }
    // A desk that is told of no purchases can verify none.
    let alone = Desk::builder(MemoryStore::new()).build().unwrap();
    assert_eq!(wrong(alone.reviews().write(&ada(), review("P-1", 4)).await), ["purchaseId"]);
}

#[tokio::test]
async fn rules_hold_and_reject_with_their_reasons() {
    let mut profile = Profile::vehicle_retail();
    profile.reviews = Moderation { auto_approve: true, blocked: ["scam".into()].into(), ..Moderation::default() };
    let Setup { desk, .. } = setup_with(profile, |builder| builder);
    let held = NewReview { text: "Write to ada@example.org for more".into(), ..review("P-1", 4) };
    let held = desk.reviews().write(&ada(), held).await.unwrap();
    assert_eq!((held.state, held.reasons), (ReviewState::PendingReview, vec![Reason::Contact]));
    let rejected = NewReview { text: "This shop is a Scam, stay away".into(), ..review("P-2", 1) };
    assert_eq!(desk.reviews().write(&ada(), rejected).await.unwrap().state, ReviewState::Rejected);
    let plain = desk.reviews().write(&eve(), review("P-9", 4)).await.unwrap();
    assert_eq!(plain.state, ReviewState::Published);
}

/// What a step does to one of a few reviews.
#[derive(Debug, Clone)]
struct Step {
    purchase: usize,
    rating: i64,
    publish: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..6_usize, 1..=5_i64, any::<bool>()).prop_map(|(purchase, rating, publish)| Step {
        purchase,
        rating,
        publish,
    });
    proptest::collection::vec(step, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Average and breakdown are what a recount of the published reviews says, of each type too.
    #[test]
    fn the_breakdown_is_a_recount(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut directory = MemoryDirectory::new();
            for n in 0..6 {
                let id = format!("P-{n}");
                directory = directory.with_related(customer(ADA), "purchase", &id, None);
                directory = directory.with_kind_of_related(customer(ADA), "purchase", &id, ["suv", "van"][n % 2]);
            }
            let desk = Desk::builder(MemoryStore::new()).directory(directory).build().unwrap();
            let mut known = std::collections::BTreeMap::new();
            for Step { purchase, rating, publish } in steps {
                match known.get(&purchase) {
                    None => {
                        let written = desk.reviews().write(&ada(), review(&format!("P-{purchase}"), rating)).await.unwrap();
                        known.insert(purchase, written.id);
                    }
                    Some(id) => {
                        let _ = desk.reviews().decide(&grace(), *id, publish, None).await;
                    }
                }
            }
            for kind in [None, Some("suv"), Some("van")] {
                let mut recount = RatingSum::default();
                for id in known.values() {
                    let review = desk.reviews().get(&grace(), *id).await.unwrap();
                    if review.state == ReviewState::Published && kind.is_none_or(|kind| review.vehicle_type.as_deref() == Some(kind)) {
                        recount.by_stars[usize::from(review.rating) - 1] += 1;
                    }
                }
                let filter = ReviewFilter { vehicle_type: kind.map(str::to_owned), rating: None };
                let page = desk.reviews().list(&Actor::Guest, &filter, Paging::default()).await.unwrap();
                assert_eq!((page.sum, page.total), (recount, recount.count()));
                for stars in 1..=5 {
                    let filter = ReviewFilter { rating: Some(stars), ..filter.clone() };
                    let page = desk.reviews().list(&Actor::Guest, &filter, Paging::default()).await.unwrap();
                    assert_eq!((page.sum, page.total), (recount, recount.by_stars[usize::from(stars) - 1]));
                }
            }
        });
    }
}
