use crate::{
    million::{Lazy, admin, agent},
    report::{Promise, Report, by_turns, say},
};
use support_desk::{
    desk::tickets::Page,
    domain::ticket::{Cursor, Sort, TicketFilter},
};

const ROWS: u32 = 20;

pub(crate) fn run(report: &mut Report, million: &Lazy) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let desk = &million.get().desk;
    let actors = [("admin", admin()), ("agent (own and unassigned)", agent(7))];
    let none = TicketFilter::default;
    let filters = [
        ("all", none()),
        ("by status", TicketFilter { statuses: vec!["open".into(), "in_progress".into()], ..none() }),
    ];
    for (who, actor) in &actors {
        for (what, filter) in &filters {
            let page = |after: Option<Cursor>| {
                let page = Page { after, skip: 0, limit: ROWS };
                let list = desk.tickets().list(actor, filter.clone(), Sort::default(), page);
                runtime.block_on(list).expect("a list")
            };
            let mut cursor = None;
            for _ in 0..999 {
                cursor = page(cursor).next;
            }
            assert!(cursor.is_some(), "there are a thousand pages");
            let (first, thousandth) = by_turns(300, |_| drop(page(None)), |_| drop(page(cursor)));
            say(&format!("{who}, {what}: page 1 {first:.0} µs, page 1,000 {thousandth:.0} µs"));
            let ratio = (first / thousandth).max(thousandth / first);
            report.check(&format!("{who}, {what}: page 1 and page 1,000 apart"), ratio, "x", &Promise::AtMost(2.0));
            let slower = first.max(thousandth) / 1_000.0;
            report.check(&format!("{who}, {what}: p50 of the slower"), slower, "ms", &Promise::AtMost(2.0));
        }
    }
}
