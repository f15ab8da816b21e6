//! How well questions are answered, over real ones.

use std::collections::BTreeMap;
use support_core::{
    domain::search::{Batch, Hit, SearchKey, SearchQuery, SearchScope, Searchable, Sight},
    ports::search::Search,
};
use support_search::TantivySearch;
use uuid::Uuid;

/// An article, and the ways of asking for it.
pub struct Topic {
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// The questions that it answers.
    pub questions: Vec<String>,
}

fn lines(text: &str, mut take: impl FnMut(&str, &serde_json::Value)) {
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line of the collection is JSON");
        take(line["_id"].as_str().expect("a line has an id"), &line);
    }
}

/// All of them, in the order of their ids.
pub fn topics() -> Vec<Topic> {
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
pub struct Quality {
    gain: f64,
    reciprocal: f64,
    questions: f64,
}

impl Quality {
    /// Counts a question whose answer came at this place, 0 for the first.
    pub fn add(&mut self, place: Option<usize>) {
        self.questions += 1.0;
        if let Some(place) = place.and_then(|place| u32::try_from(place).ok()).map(f64::from) {
            self.reciprocal += 1.0 / (place + 1.0);
            if place < 10.0 {
                self.gain += 1.0 / (place + 2.0).log2();
            }
        }
    }

    /// The gain at 10, as one article is relevant to each question.
    pub fn ndcg(&self) -> f64 {
        self.gain / self.questions
    }

    /// The mean of the reciprocal places.
    pub fn mrr(&self) -> f64 {
        self.reciprocal / self.questions
    }
}

/// The index with all topics, each under its number.
pub async fn index(topics: &[Topic]) -> TantivySearch {
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

/// The number of a hit's topic.
pub fn number(hit: &Hit) -> usize {
    usize::try_from(hit.key.id.as_u128()).expect("topics have small numbers")
}

/// What is found for a question.
pub async fn ask(index: &TantivySearch, question: &str) -> Vec<Hit> {
    let scope = SearchScope::Articles { drafts: false };
    let query = SearchQuery { limit: 125, language: Some("en".into()), ..SearchQuery::new(question, scope) };
    index.search(&query).await.expect("a question is answered").items
}

/// The quality over the topics with even numbers, and over those with odd ones.
pub async fn halves(index: &TantivySearch, topics: &[Topic]) -> [Quality; 2] {
    let mut halves = [Quality::default(); 2];
    for (topic, right) in topics.iter().zip(0..) {
        for question in &topic.questions {
            let place = ask(index, question).await.iter().position(|hit| number(hit) == right);
            halves[right % 2].add(place);
        }
    }
    halves
}

/// Of both.
pub fn together(halves: [Quality; 2]) -> Quality {
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
pub struct Answers {
    /// The first answer is the right article.
    pub right: u32,
    /// It is another one.
    pub wrong: u32,
    /// An answer, where there is none.
    pub needless: u32,
    /// Questions, each of which was asked twice.
    pub questions: u32,
}

impl Answers {
    /// The part of the answers that are right.
    pub fn precision(&self) -> f64 {
        f64::from(self.right) / f64::from((self.right + self.wrong + self.needless).max(1))
    }

    /// The part of the questions that get the right answer.
    pub fn kept(&self) -> f64 {
        f64::from(self.right) / f64::from(self.questions)
    }
}

/// The answers under each of these confidences. To take an article out changes the weights of words a little; that is left
/// out of account.
pub async fn answers<const N: usize>(index: &TantivySearch, topics: &[Topic], confidences: [f32; N]) -> [Answers; N] {
    let mut answers = [Answers::default(); N];
    for (right, topic) in topics.iter().enumerate() {
        for question in &topic.questions {
            let hits = ask(index, question).await;
            for (answers, least) in answers.iter_mut().zip(confidences) {
                let mut sure = hits.iter().filter(|hit| hit.confidence >= least);
                let first = sure.clone().next().map(number);
                answers.questions += 1;
                answers.right += u32::from(first == Some(right));
                answers.wrong += u32::from(first.is_some_and(|first| first != right));
                answers.needless += u32::from(sure.any(|hit| number(hit) != right));
            }
        }
    }
    answers
}
