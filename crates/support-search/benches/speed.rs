//! Prints how fast an index takes and finds: `cargo bench -p support-search --bench speed`.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use support_core::{
    domain::{
        access::{Holding, ScopeTerm, TicketScope},
        id::TicketId,
        search::{Batch, Label, Matching, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    },
    ports::search::Search,
};
use support_search::TantivySearch;
use uuid::Uuid;

const ARTICLES: u32 = 100_000;
const TICKETS: u32 = 100_000;
const BATCH: u32 = 1_000;
const SEARCHES: usize = 400;
const SINGLES: u32 = 30;
/// Different words, of which a text takes the frequent ones as often as people do.
const VOCABULARY: f64 = 60_000.0;
const LITTLE: [&str; 12] = ["the", "to", "and", "a", "of", "is", "in", "my", "for", "with", "this", "it"];

/// Numbers that look random and are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % end
    }

    #[expect(clippy::cast_precision_loss, reason = "a million is exact")]
    fn part(&mut self) -> f64 {
        self.below(1_000_000) as f64 / 1_000_000.0
    }

    /// A word that says something. The most frequent one is in a third of the texts.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the vocabulary")]
    fn word(&mut self) -> String {
        let place = 20.0 * ((self.part() * (VOCABULARY / 20.0 + 1.0).ln()).exp() - 1.0);
        spell(place as u64)
    }

    fn text(&mut self, words: u64) -> String {
        let mut text = String::new();
        for _ in 0..words {
            if self.below(100) < 45 {
                text.push_str(LITTLE[usize::try_from(self.below(12)).expect("below 12")]);
            } else {
                text.push_str(&self.word());
            }
            text.push(' ');
        }
        text
    }
}

/// The word at a place of the vocabulary.
fn spell(place: u64) -> String {
    let mut rest = place.wrapping_mul(2_654_435_761) % 9_765_625;
    let mut word = String::new();
    for _ in 0..3 + place % 3 {
        word.push(char::from(b"bcdfghklmnprstvwz"[usize::try_from(rest % 17).expect("below 17")]));
        word.push(char::from(b"aeiou"[usize::try_from(rest / 17 % 5).expect("below 5")]));
        rest = rest / 85 + place;
    }
    word
}

fn article(number: u32, chance: &mut Chance) -> Searchable {
    let labels = [(Label::Category, format!("category {}", chance.below(20))), (Label::Tag, chance.word())];
    Searchable {
        key: SearchKey::article(Uuid::from_u128(number.into()), "en"),
        number: None,
        title: chance.text(7),
        text: chance.text(150),
        notes: String::new(),
        labels: labels.into(),
        sight: if number.is_multiple_of(50) { Sight::Staff } else { Sight::Everybody },
        at: chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(number.into()),
    }
}

fn ticket(number: u32, chance: &mut Chance) -> Searchable {
    let status = ["open", "waiting", "solved", "closed", "closed", "closed"][number as usize % 6];
    let assignee = (!number.is_multiple_of(10)).then(|| Uuid::from_u128(u128::from(chance.below(40))).into());
    let customer = Uuid::from_u128(u128::from(chance.below(20_000))).into();
    Searchable {
        key: SearchKey::ticket(TicketId(Uuid::from_u128(u128::from(number)))),
        number: Some(format!("T-{number:06}")),
        title: chance.text(6),
        text: chance.text(100),
        notes: chance.text(20),
        labels: BTreeSet::from([(Label::Status, status.to_owned()), (Label::Tag, chance.word())]),
        sight: Sight::Ticket(Holding { customer, assignee }),
        ..article(number, chance)
    }
}

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

fn since(begun: Instant) -> Duration {
    now().duration_since(begun)
}

async fn fill(index: &TantivySearch, name: &str, count: u32, mut make: impl FnMut(u32) -> Searchable) {
    let mut spent = Duration::ZERO;
    for start in (0..count).step_by(BATCH as usize) {
        let put = (start..start + BATCH).map(&mut make).collect();
        let batch = Batch { put, remove: Vec::new(), bookmark: Some(start.to_string()) };
        let begun = now();
        index.index(&batch).await.expect("a batch is taken");
        spent += since(begun);
    }
    let rate = f64::from(count) / spent.as_secs_f64();
    println!("{count} {name} in batches of {BATCH}: {rate:.0} documents/s");
}

async fn measure(index: &TantivySearch, name: &str, mut make: impl FnMut() -> SearchQuery) {
    let mut times = Vec::new();
    let mut hits = 0;
    for _ in 0..SEARCHES {
        let query = SearchQuery { limit: 10, ..make() };
        let begun = now();
        hits += index.search(&query).await.expect("a query is answered").total;
        times.push(since(begun));
    }
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1_000.0;
    let mean = hits / u64::try_from(SEARCHES).expect("a small number");
    println!("{name:<44} {:>8.2} {:>8.2} {:>8.2} {mean:>10}", at(50), at(99), at(100));
}

type Make = Box<dyn FnMut(&mut Chance) -> SearchQuery>;

fn searches() -> Vec<(&'static str, Make)> {
    let public = || SearchScope::Articles { drafts: false };
    let all = |notes| SearchScope::Tickets { scope: TicketScope::All, notes };
    let of = |term, notes| SearchScope::Tickets { scope: TicketScope::AnyOf(term), notes };
    let words = |chance: &mut Chance, count: usize| -> String {
        let words: Vec<String> = (0..count).map(|_| chance.word()).collect();
        format!("{} ", words.join(" "))
    };
    let question = move |chance: &mut Chance| {
        let words: Vec<String> = (0..6).map(|_| chance.word()).collect();
        format!(
            "How do I {} my {} with the {} when {} {} is {}?",
            words[0], words[1], words[2], words[3], words[4], words[5]
        )
    };
    vec![
        ("articles, one word", Box::new(move |chance| SearchQuery::new(words(chance, 1), public()))),
        ("articles, two words", Box::new(move |chance| SearchQuery::new(words(chance, 2), public()))),
        ("articles, three words", Box::new(move |chance| SearchQuery::new(words(chance, 3), public()))),
        ("articles, a question of 13 words", Box::new(move |chance| SearchQuery::new(question(chance), public()))),
        (
            "articles, a word being typed (3 letters)",
            Box::new(move |chance| SearchQuery::new(chance.word().chars().take(3).collect::<String>(), public())),
        ),
        (
            "articles, a word with a slip",
            Box::new(move |chance| {
                let mut word = chance.word();
                word.insert(3, 'x');
                SearchQuery::new(word + " ", public())
            }),
        ),
        (
            "tickets, each of two words, staff, 2 facets",
            Box::new(move |chance| SearchQuery {
                matching: Matching::All,
                facets: vec![Label::Status, Label::Tag],
                ..SearchQuery::new(words(chance, 2), all(true))
            }),
        ),
        (
            "tickets, three words, status open",
            Box::new(move |chance| SearchQuery {
                labels: vec![(Label::Status, "open".into())],
                ..SearchQuery::new(words(chance, 3), all(true))
            }),
        ),
        (
            "tickets, a question, an agent's and nobody's",
            Box::new(move |chance| {
                let agent = Uuid::from_u128(u128::from(chance.below(40))).into();
                SearchQuery::new(question(chance), of(vec![ScopeTerm::Assignee(agent), ScopeTerm::Unassigned], true))
            }),
        ),
        (
            "tickets, a question, a customer's",
            Box::new(move |chance| {
                let customer = Uuid::from_u128(u128::from(chance.below(20_000))).into();
                SearchQuery::new(question(chance), of(vec![ScopeTerm::Customer(customer)], false))
            }),
        ),
        (
            "tickets, a number",
            Box::new(move |chance| SearchQuery {
                matching: Matching::All,
                ..SearchQuery::new(format!("T-{:06}", chance.below(100_000)), all(true))
            }),
        ),
    ]
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let dir = tempfile::tempdir().expect("a directory");
        let index = TantivySearch::open(dir.path()).expect("a new index");
        let mut chance = Chance(88_172_645_463_325_252);
        fill(&index, "articles of 157 words", ARTICLES, |number| article(number, &mut chance)).await;
        fill(&index, "tickets of 126 words", TICKETS, |number| ticket(number, &mut chance)).await;
        println!("\n{SEARCHES} searches each, one after the other, 10 hits with their snippets");
        println!("{:<44} {:>8} {:>8} {:>8} {:>10}", "milliseconds", "p50", "p99", "most", "hits");
        for (name, mut make) in searches() {
            measure(&index, name, || make(&mut chance)).await;
        }
        let mut times = Vec::new();
        for number in 0..SINGLES {
            let put = vec![Searchable { title: format!("novelty{number}"), ..ticket(TICKETS + number, &mut chance) }];
            let begun = now();
            index.index(&Batch { put, ..Batch::default() }).await.expect("a batch is taken");
            let scope = SearchScope::Tickets { scope: TicketScope::All, notes: false };
            let query = SearchQuery::new(format!("novelty{number}"), scope);
            assert_eq!(index.search(&query).await.expect("it is answered").total, 1);
            times.push(since(begun));
        }
        times.sort_unstable();
        let (half, most) = (times[times.len() / 2].as_secs_f64(), times[times.len() - 1].as_secs_f64());
        println!("\none ticket, from index() to found: p50 {:.0} ms, most {:.0} ms", half * 1_000.0, most * 1_000.0);
    });
}
