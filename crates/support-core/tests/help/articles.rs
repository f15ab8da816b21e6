use super::*;
use support_core::{
    desk::{articles::ArticleFilter, documents::Paging, workers::Job},
    domain::{
        article::{Article, ArticleDraft, ArticleEdit, ArticleState},
        vote::Votes,
    },
};

fn draft(title: &str, content: &str) -> ArticleDraft {
    ArticleDraft {
        title: title.into(),
        content: content.into(),
        category: Some("Delivery".into()),
        tags: vec!["parcel".into()],
        ..ArticleDraft::default()
    }
}

async fn published(desk: &Desk, title: &str, content: &str) -> Article {
    let article = desk.articles().write(&joan(), draft(title, content)).await.unwrap();
    desk.articles().publish(&joan(), article.id, None).await.unwrap()
}

fn by_text(text: &str) -> ArticleFilter {
    ArticleFilter { text: Some(text.into()), ..ArticleFilter::default() }
}

async fn titles(desk: &Desk, actor: &Actor, filter: &ArticleFilter) -> Vec<String> {
    let page = desk.articles().list(actor, filter, Paging::default()).await.unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.into_iter().map(|row| row.article.texts[&row.language].title.clone()).collect()
}

#[tokio::test]
async fn a_draft_is_for_staff_until_it_is_published() {
    let Setup { desk, .. } = setup();
    let article =
        desk.articles().write(&joan(), draft("Where is my parcel?", "It is *on its way*.\n\nSoon.")).await.unwrap();
    let text = &article.texts["en"];
    assert_eq!(
        (text.slug.as_str(), text.excerpt.as_str(), text.number),
        ("where-is-my-parcel", "It is on its way. Soon.", 1)
    );
    for actor in [Actor::Guest, ada()] {
        hidden(desk.articles().read(&actor, "where-is-my-parcel", None).await);
        assert!(titles(&desk, &actor, &ArticleFilter::default()).await.is_empty());
        hidden(desk.articles().vote(&actor, Some("v"), article.id, true).await);
    }
    assert!(desk.articles().read(&grace(), "where-is-my-parcel", None).await.is_ok());
    let drafts = ArticleFilter { state: Some("draft".into()), ..ArticleFilter::default() };
    assert_eq!(titles(&desk, &grace(), &drafts).await.len(), 1);
    assert!(matches!(desk.articles().list(&ada(), &drafts, Paging::default()).await, Err(Error::Forbidden(_))));

    desk.articles().publish(&joan(), article.id, None).await.unwrap();
    let reading = desk.articles().read(&Actor::Guest, "where-is-my-parcel", None).await.unwrap();
    assert_eq!(reading.revision.content, "It is *on its way*.\n\nSoon.");
    let page = desk.articles().list(&ada(), &ArticleFilter::default(), Paging::default()).await.unwrap();
    assert_eq!((page.total, page.categories), (1, vec![("Delivery".into(), 1)]));
    desk.articles().withdraw(&joan(), article.id, true).await.unwrap();
    hidden(desk.articles().read(&ada(), "where-is-my-parcel", None).await);
    assert!(titles(&desk, &ada(), &ArticleFilter::default()).await.is_empty());
}

#[tokio::test]
async fn what_was_to_be_published_later_is_then() {
    let setup = setup();
    let desk = &setup.desk;
    let article = desk.articles().write(&joan(), draft("News", "Text")).await.unwrap();
    let at = desk.now() + TimeDelta::hours(1);
    let article = desk.articles().publish(&joan(), article.id, Some(at)).await.unwrap();
    assert_eq!(article.state, ArticleState::Scheduled { at });
    let workers = desk.workers();
    assert_eq!(workers.tick(Job::Publish).await.unwrap().done, 0);
    hidden(desk.articles().read(&ada(), "news", None).await);
    setup.advance(TimeDelta::hours(1));
    assert!(desk.articles().read(&ada(), "news", None).await.is_ok(), "nobody waits for a job");
    assert_eq!(workers.tick(Job::Publish).await.unwrap().done, 1);
    assert_eq!(workers.tick(Job::Publish).await.unwrap().done, 0);
    assert_eq!(titles(desk, &ada(), &ArticleFilter::default()).await, ["News"]);
}

#[tokio::test]
async fn a_slug_is_one_articles_and_an_old_one_leads_on() {
    let Setup { desk, .. } = setup();
    let one = published(&desk, "Returns", "Text").await;
    let two = published(&desk, "Returns", "Other").await;
    assert_eq!(two.texts["en"].slug, "returns-2");
    let taken = ArticleEdit { slug: Some("returns".into()), ..ArticleEdit::default() };
    assert_eq!(wrong(desk.articles().edit(&joan(), two.id, taken).await), ["slug"]);
    let renamed = ArticleEdit { slug: Some("Send it back".into()), ..ArticleEdit::default() };
    desk.articles().edit(&joan(), one.id, renamed).await.unwrap();
    for slug in ["returns", "send-it-back"] {
        let reading = desk.articles().read(&ada(), slug, None).await.unwrap();
        assert_eq!((reading.article.id, reading.article.texts["en"].slug.as_str()), (one.id, "send-it-back"));
    }
    // Neither does another article get the old one.
    let third = ArticleDraft { slug: Some("returns".into()), ..draft("Third", "Text") };
    assert_eq!(wrong(desk.articles().write(&joan(), third).await), ["slug"]);
    // It can have its own old one back.
    let back = ArticleEdit { slug: Some("returns".into()), ..ArticleEdit::default() };
    let back = desk.articles().edit(&joan(), one.id, back).await.unwrap();
    assert!(back.former.contains_key("send-it-back") && !back.former.contains_key("returns"));
}

#[tokio::test]
async fn what_was_said_can_be_said_again() {
    let Setup { desk, .. } = setup();
    let article = published(&desk, "Returns", "First").await;
    let edit = |content: &str| ArticleEdit { content: Some(content.into()), ..ArticleEdit::default() };
    for content in ["Second", "Second", "Third"] {
        desk.articles().edit(&joan(), article.id, edit(content)).await.unwrap();
    }
    let revisions = desk.articles().revisions(&joan(), article.id, "en", None, 2).await.unwrap();
    let contents: Vec<&str> = revisions.items.iter().map(|revision| revision.content.as_str()).collect();
    assert_eq!((contents, revisions.more), (vec!["Third", "Second"], true));
    let rest = desk.articles().revisions(&joan(), article.id, "en", Some(2), 9).await.unwrap();
    assert_eq!(rest.items.iter().map(|revision| revision.number).collect::<Vec<_>>(), [1]);

    let back = desk.articles().roll_back(&joan(), article.id, "en", 1).await.unwrap();
    assert_eq!((back.texts["en"].number, back.texts["en"].excerpt.as_str()), (4, "First"));
    let reading = desk.articles().get(&ada(), article.id, None).await.unwrap();
    assert_eq!((reading.revision.content.as_str(), reading.revision.restores), ("First", Some(1)));
    assert!(state(desk.articles().roll_back(&joan(), article.id, "en", 4).await).contains("already"));
    hidden(desk.articles().roll_back(&joan(), article.id, "en", 9).await);
}

#[tokio::test]
async fn a_translation_is_read_by_those_who_want_it_and_grows_stale() {
    let Setup { desk, .. } = setup();
    let article = published(&desk, "Returns", "Send it back").await;
    let german = ArticleEdit { language: Some("de".into()), title: Some("Rückgabe".into()), ..ArticleEdit::default() };
    assert_eq!(wrong(desk.articles().edit(&joan(), article.id, german.clone()).await), ["content"]);
    let german = ArticleEdit { content: Some("Schick es zurück".into()), ..german };
    let article = desk.articles().edit(&joan(), article.id, german).await.unwrap();
    assert_eq!(article.texts["de"].slug, "rueckgabe");
    let reading = desk.articles().read(&ada(), "returns", Some("de-AT")).await.unwrap();
    assert_eq!((reading.language.as_str(), reading.revision.title.as_str()), ("de", "Rückgabe"));
    assert_eq!(desk.articles().read(&ada(), "rueckgabe", None).await.unwrap().language, "de");
    assert_eq!(desk.articles().read(&ada(), "returns", Some("fr")).await.unwrap().language, "en");
    assert!(!article.is_stale("de"));
    let edit = ArticleEdit { content: Some("Send it back within 30 days".into()), ..ArticleEdit::default() };
    assert!(desk.articles().edit(&joan(), article.id, edit).await.unwrap().is_stale("de"));
    let anew =
        ArticleEdit { language: Some("de".into()), content: Some("Binnen 30 Tagen".into()), ..ArticleEdit::default() };
    assert!(!desk.articles().edit(&joan(), article.id, anew).await.unwrap().is_stale("de"));
    let article = desk.articles().untranslate(&joan(), article.id, "de").await.unwrap();
    assert_eq!(article.texts.len(), 1);
    assert_eq!(desk.articles().read(&ada(), "rueckgabe", None).await.unwrap().language, "en");
    assert!(desk.articles().untranslate(&joan(), article.id, "en").await.is_err());
}

#[tokio::test]
async fn each_person_has_one_vote_and_may_change_it() {
    let Setup { desk, .. } = setup();
    let article = published(&desk, "Returns", "Text").await;
    let vote = |actor: Actor, visitor: Option<&'static str>, helpful| {
        let (desk, id) = (desk.clone(), article.id);
        async move { desk.articles().vote(&actor, visitor, id, helpful).await }
    };
    for _ in 0..3 {
        assert_eq!(vote(ada(), None, true).await.unwrap(), Votes { helpful: 1, not_helpful: 0 });
    }
    assert_eq!(vote(eve(), None, true).await.unwrap(), Votes { helpful: 2, not_helpful: 0 });
    assert_eq!(vote(ada(), None, false).await.unwrap(), Votes { helpful: 1, not_helpful: 1 });
    assert_eq!(vote(Actor::Guest, Some("one"), false).await.unwrap(), Votes { helpful: 1, not_helpful: 2 });
    assert_eq!(vote(Actor::Guest, Some("two"), false).await.unwrap(), Votes { helpful: 1, not_helpful: 3 });
    assert!(matches!(vote(Actor::Guest, None, true).await, Err(Error::Unauthenticated)));
    let read = desk.articles().read(&ada(), "returns", None).await.unwrap();
    assert_eq!(read.votes, Votes { helpful: 1, not_helpful: 3 });
}

#[tokio::test]
async fn every_wrong_field_is_named_and_nothing_is_kept() {
    let Setup { desk, .. } = setup();
    let bad = ArticleDraft {
        title: " ".into(),
        content: "a\0b".into(),
        slug: Some("---".into()),
        language: Some("english!".into()),
        category: Some("x".repeat(51)),
        tags: vec![String::new(); 3],
        related: Vec::new(),
        excerpt: Some("x".repeat(500)),
    };
    let fields = wrong(desk.articles().write(&joan(), bad).await);
    assert_eq!(fields, ["language", "category", "tags.0", "tags.1", "tags.2", "title", "content", "slug", "excerpt"]);
    let unknown = ArticleDraft { related: vec![Uuid::from_u128(9).into()], ..draft("A", "B") };
    assert_eq!(wrong(desk.articles().write(&joan(), unknown).await), ["relatedArticles.0"]);
    let all = ArticleFilter { state: Some("all".into()), ..ArticleFilter::default() };
    assert!(titles(&desk, &joan(), &all).await.is_empty());
    assert_eq!(wrong(desk.articles().list(&ada(), &by_text(""), Paging { number: 999, limit: 20 }).await), ["page"]);
}

#[tokio::test]
async fn what_helps_is_found_and_offered() {
    let Setup { desk, .. } = setup();
    let parcel = published(&desk, "Where is my parcel?", "Follow it with the tracking number in your mail.").await;
    let other = published(&desk, "Where are returns sent?", "Each parcel goes back to the depot.").await;
    published(&desk, "Change the password", "Under your account.").await;
    desk.search().keep_in_step().await.unwrap();
    assert_eq!(titles(&desk, &Actor::Guest, &by_text("tracking")).await, ["Where is my parcel?"]);
    let narrowed = ArticleFilter { tag: Some("other".into()), ..by_text("tracking") };
    assert!(titles(&desk, &Actor::Guest, &narrowed).await.is_empty());

    let offered = desk.articles().suggest(&ada(), "tracking number of my parcel", None).await.unwrap();
    assert_eq!(offered[0].row.article.id, parcel.id);
    assert!(offered.iter().all(|offer| offer.confidence >= support_core::desk::articles::SUGGESTED));
    assert!(desk.articles().suggest(&ada(), "zebra crossing opera", None).await.unwrap().is_empty());
    let read = desk.articles().read(&ada(), "where-is-my-parcel", None).await.unwrap();
    assert_eq!(read.related.first().map(|row| row.article.id), Some(other.id));
    assert!(read.related.iter().all(|row| row.article.id != parcel.id));

    let ticket = support_core::desk::tickets::NewTicket::new("Tracking", "The tracking number shows no parcel");
    let ticket = desk.tickets().open(&ada(), ticket).await.unwrap().ticket;
    let beside = desk.articles().suggest_for(&grace(), ticket.id).await.unwrap();
    assert_eq!(beside[0].row.article.id, parcel.id);
    assert!(desk.articles().suggest_for(&ada(), ticket.id).await.is_err());
}
