use super::{
    commits::is_conflict,
    sample::{at, bare_ticket, id, open, operation, writes},
};
use crate::{
    domain::{
        actor::{Role, Signature},
        id::OperationId,
        operation::{Operation, Undone},
    },
    ports::{ChangeSet, Store, Write},
};

fn add(operation: &Operation) -> ChangeSet {
    writes([Write::AddOperation(Box::new(operation.clone()))])
}

async fn three(store: &impl Store) {
    for n in 1..=3 {
        open(store, &bare_ticket(n), n).await;
    }
}

/// By its id, and from either ticket, in the order of commits.
pub async fn an_operation_is_found_from_both_tickets(store: impl Store) {
    three(&store).await;
    let rows = [
        operation(5, id(1, 1), id(1, 2)),
        operation(3, id(1, 2), id(1, 1)),
        operation(4, id(1, 1), id(1, 3)),
        operation(1, id(1, 1), id(1, 1)),
    ];
    for row in &rows {
        store.commit(add(row)).await.unwrap();
        assert_eq!(store.operation(row.id).await.unwrap().as_ref(), Some(row));
    }
    let cases: [(u32, u32, &[usize]); 6] =
        [(1, 9, &[0, 1, 2, 3]), (1, 3, &[1, 2, 3]), (1, 0, &[]), (2, 9, &[0, 1]), (3, 9, &[2]), (9, 9, &[])];
    for (ticket, limit, expected) in cases {
        let expected: Vec<Operation> = expected.iter().map(|place| rows[*place].clone()).collect();
        assert_eq!(store.operations(id(1, ticket), limit).await.unwrap(), expected, "{ticket} {limit}");
    }
    assert_eq!(store.operation(id(6, 9)).await.unwrap(), None);
    let refused = [rows[0].clone(), operation(7, id(1, 9), id(1, 1)), operation(7, id(1, 1), id(1, 9))];
    for row in refused {
        assert!(is_conflict(&store.commit(add(&row)).await), "{row:?}");
    }
}

/// Whoever comes second is told.
pub async fn an_operation_is_undone_once(store: impl Store) {
    three(&store).await;
    let row = operation(3, id(1, 1), id(1, 2));
    let undone = |n: u32| Undone {
        by: Signature { role: Role::Admin, id: Some(id(4, n)), name: format!("Agent {n}") },
        at: at(i64::from(n)),
    };
    let undo = |n: u32, of: OperationId| writes([Write::UndoOperation { id: of, undone: undone(n) }]);
    assert!(is_conflict(&store.commit(undo(1, row.id)).await), "it is not there yet");
    store.commit(add(&row)).await.unwrap();
    store.commit(undo(1, row.id)).await.unwrap();
    assert!(is_conflict(&store.commit(undo(2, row.id)).await));
    let expected = Operation { undone: Some(undone(1)), ..row.clone() };
    assert_eq!(store.operation(row.id).await.unwrap(), Some(expected.clone()));
    assert_eq!(store.operations(id(1, 2), 9).await.unwrap(), [expected], "what was undone is still told");
}
