//! Prints how well questions are answered, beside plain BM25: `cargo bench -p support-search --bench quality`.

mod stackfaq;

use stackfaq::{Quality, Topic, answers, ask, halves, index, together, topics};
use tantivy::{
    Index, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value},
    tokenizer::TokenStream,
};

/// Title and text as one field, stemmed, every word of the question.
fn plain(topics: &[Topic]) -> tantivy::Result<[Quality; 2]> {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer("en_stem").set_index_option(IndexRecordOption::WithFreqs);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let number = schema.add_u64_field("number", STORED);
    let index = Index::create_in_ram(schema.build());
    let mut writer = index.writer_with_num_threads(1, 20_000_000)?;
    for (at, topic) in (0..).zip(topics) {
        let mut document = TantivyDocument::new();
        document.add_text(text, format!("{}\n{}", topic.title, topic.body));
        document.add_u64(number, at);
        writer.add_document(document)?;
    }
    writer.commit()?;
    let searcher = index.reader()?.searcher();
    let mut analyzer = index.tokenizer_for_field(text)?;
    let mut halves = [Quality::default(); 2];
    for (right, topic) in (0_u64..).zip(topics) {
        for question in &topic.questions {
            let mut words: Vec<(Occur, Box<dyn Query>)> = Vec::new();
            analyzer.token_stream(question).process(&mut |token| {
                let term = Term::from_field_text(text, &token.text);
                words.push((Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))));
            });
            let top = TopDocs::with_limit(125).order_by_score();
            let mut place = None;
            for (at, (_, address)) in searcher.search(&BooleanQuery::new(words), &top)?.into_iter().enumerate() {
                let found: TantivyDocument = searcher.doc(address)?;
                if found.get_first(number).and_then(|value| value.as_u64()) == Some(right) {
                    place = Some(at);
                }
            }
            halves[usize::from(right % 2 == 1)].add(place);
        }
    }
    Ok(halves)
}

fn row(name: &str, halves: [Quality; 2]) {
    let [even, odd] = halves;
    let all = together(halves);
    let figures = [all, even, odd].map(|quality| format!("{:.3} {:.3}", quality.ndcg(), quality.mrr()));
    println!("{name:<16} {:>12} {:>12} {:>12}", figures[0], figures[1], figures[2]);
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let topics = topics();
        let asked = ask(&index(&topics).await, &topics).await;
        println!("nDCG@10 and MRR@10 over 1,249 questions: all, those to even topics, those to odd ones");
        row("plain BM25", plain(&topics).expect("the baseline is indexed"));
        row("support-search", halves(&asked));
        println!("\nEach question asked twice, once with nothing that answers it");
        println!("confidence  precision   kept  wrong  needless");
        let steps = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
        for (least, answers) in steps.into_iter().zip(answers(&asked, steps)) {
            let part = |count: u32| f64::from(count) / f64::from(answers.questions) * 100.0;
            println!(
                "{least:>10.1} {:>9.1}% {:>5.1}% {:>5.1}% {:>8.1}%",
                answers.precision() * 100.0,
                answers.kept() * 100.0,
                part(answers.wrong),
                part(answers.needless)
            );
        }
    });
}
