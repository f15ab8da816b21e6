//! How well questions are answered, over real ones.

use std::collections::BTreeMap;
use support_core::{
    domain::search::{Batch, Hit, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    ports::search::Search,
};
use support_search::TantivySearch;
use uuid::Uuid;

/// An article, and the ways of asking for it.
pub(crate) struct Topic {
    /// Its title.
    pub(crate) title: String,
    /// Its text.
    pub(crate) body: String,
    /// The questions that it answers.
    pub(crate) questions: Vec<String>,
}

fn lines(text: &str, mut take: impl FnMut(&str, &serde_json::Value)) {
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of the collection is JSON");
        take(line["_id"].as_str().expect("a line has an id"), &line);
    }
}

/// All of them, in the order of their ids.
pub(crate) fn topics() -> Vec<Topic> {
    let mut topics = BTreeMap::new();
    lines(include_str!("corpus.jsonl"), |id, line| {
        let text = |name: &str| line[name].as_str().expect("an article has a title and a body").to_owned();
        topics.insert(id.to_owned(), Topic { title: text("title"), body: text("body"), questions: Vec::new() });
    });
    lines(include_str!("queries.jsonl"), |id, line| {
        let (article, _) = id.split_once('-').expect("a question names its article");
        let topic: &mut Topic = topics.get_mut(article).expect("the article is there");
        topic.questions.push(line["text"].as_str().expect("a question has a text").to_owned());
    });
    topics.into_values().collect()
}

/// How far up the right articles come.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Quality {
    gain: f64,
    reciprocal: f64,
    questions: f64,
}

impl Quality {
    /// Counts a question whose answer came at this place, 0 for the first.
    pub(crate) fn add(&mut self, place: Option<usize>) {
        self.questions += 1.0;
        let place = place.filter(|place| *place < 10).and_then(|place| u32::try_from(place).ok());
        if let Some(place) = place.map(f64::from) {
            self.reciprocal += 1.0 / (place + 1.0);
            self.gain += 1.0 / (place + 2.0).log2();
        }
    }

    /// The gain at 10, as one article is relevant to each question.
    pub(crate) fn ndcg(&self) -> f64 {
        self.gain / self.questions
    }

    /// The mean of the reciprocal places, 0 for one behind the tenth.
    pub(crate) fn mrr(&self) -> f64 {
        self.reciprocal / self.questions
    }
}

/// The index with all topics, each under its number.
pub(crate) async fn index(topics: &[Topic]) -> TantivySearch {
    let index = TantivySearch::in_memory().expect("an index in memory");
    let put = (0..)
        .zip(topics)
        .map(|(number, topic)| Searchable {
            key: SearchKey::article(Uuid::from_u128(number), "en"),
            number: None,
            title: topic.title.clone(),
            text: topic.body.clone(),
            notes: String::new(),
            labels: [].into(),
            sight: Sight::Everybody,
            at: chrono::DateTime::UNIX_EPOCH,
        })
        .collect();
    index.index(&Batch { put, ..Batch::default() }).await.expect("the topics are indexed");
    index
}

/// What was found for a question: the right topic, and the first ten with their confidences.
pub(crate) struct Asked {
    right: usize,
    found: Vec<(usize, f32)>,
}

/// Asks every question.
pub(crate) async fn ask(index: &TantivySearch, topics: &[Topic]) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (right, topic) in topics.iter().enumerate() {
        for question in &topic.questions {
            let scope = SearchScope::Articles { drafts: false };
            let query = SearchQuery { limit: 10, language: Some("en".into()), ..SearchQuery::new(question, scope) };
            let hits = index.search(&query).await.expect("a question is answered").items;
            asked.push(Asked { right, found: hits.iter().map(|hit| (number(hit), hit.confidence)).collect() });
        }
    }
    asked
}

fn number(hit: &Hit) -> usize {
    usize::try_from(hit.key.id.as_u128()).expect("topics have small numbers")
}

/// The quality over the topics with even numbers, and over those with odd ones.
pub(crate) fn halves(asked: &[Asked]) -> [Quality; 2] {
    let mut halves = [Quality::default(); 2];
    for asked in asked {
        halves[asked.right % 2].add(asked.found.iter().position(|(number, _)| *number == asked.right));
    }
    halves
}

/// Of both.
pub(crate) fn together(halves: [Quality; 2]) -> Quality {
    let [even, odd] = halves;
    Quality {
        gain: even.gain + odd.gain,
        reciprocal: even.reciprocal + odd.reciprocal,
        questions: even.questions + odd.questions,
    }
}

/// How questions are answered where an answer needs some confidence: each question is asked once with its article there
/// and once without it, when nothing answers it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answers {
    /// The first answer is the right article.
    pub(crate) right: u32,
    /// It is another one.
    pub(crate) wrong: u32,
    /// An answer, where there is none.
    pub(crate) needless: u32,
    /// Questions, each of which was asked twice.
    pub(crate) questions: u32,
}

impl Answers {
    /// The part of the answers that are right.
    pub(crate) fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong + self.needless).max(1))
    }

    /// The part of the questions that get the right answer.
    pub(crate) fn kept(&self) -> f64 {
        f64::from(self.right) / f64::from(self.questions)
    }
}

/// The answers under each of these confidences. To take an article out changes the weights of words a little; that is left
/// out of account.
pub(crate) fn answers<const N: usize>(asked: &[Asked], confidences: [f32; N]) -> [Answers; N] {
    confidences.map(|least| {
        let mut answers = Answers::default();
        for Asked { right, found } in asked {
            let mut sure = found.iter().filter(|(_, confidence)| *confidence >= least).map(|(number, _)| number);
            let first = sure.clone().next();
            answers.questions += 1;
            answers.right += u32::from(first == Some(right));
            answers.wrong += u32::from(first.is_some_and(|first| first != right));
            answers.needless += u32::from(sure.any(|number| number != right));
        }
        answers
    })
}
