//! What questions find does not become worse unnoticed. The figures themselves are printed by the bench `quality`.

#[path = "../benches/stackfaq/mod.rs"]
mod stackfaq;

use stackfaq::{answers, ask, halves, index, together, topics};

#[tokio::test]
async fn real_questions_find_their_articles() {
    let topics = topics();
    let asked = ask(&index(&topics).await, &topics).await;
    let quality = together(halves(&asked));
    assert!(quality.ndcg() > 0.89, "nDCG@10 {}", quality.ndcg());
    assert!(quality.mrr() > 0.86, "MRR {}", quality.mrr());
    let [answers] = answers(&asked, [support_search::CONFIDENCE]);
    assert!(answers.precision() > 0.83, "precision {}", answers.precision());
    assert!(answers.kept() > 0.34, "of the questions that have an answer, {} get it", answers.kept());
}
