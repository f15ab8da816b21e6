//! What questions find does not become worse unnoticed. The figures themselves are printed by the bench `quality`.

#[path = "../benches/stackfaq/mod.rs"]
mod stackfaq;

use stackfaq::{answers, halves, index, together, topics};

#[tokio::test]
async fn real_questions_find_their_articles() {
    let topics = topics();
    let index = index(&topics).await;
    let quality = together(halves(&index, &topics).await);
    assert!(quality.ndcg() > 0.885, "nDCG@10 {}", quality.ndcg());
    assert!(quality.mrr() > 0.86, "MRR {}", quality.mrr());
    let [answers] = answers(&index, &topics, [support_search::CONFIDENCE]).await;
    assert!(answers.precision() > 0.75, "precision {}", answers.precision());
    assert!(answers.kept() > 0.35, "of the questions that have an answer, {} get it", answers.kept());
}
