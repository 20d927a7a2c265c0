//! The API's description of itself.

use std::collections::BTreeSet;

use anlan_server::app::App;

#[test]
fn every_operation_has_an_id_of_its_own() {
    let api = serde_json::to_value(App::openapi()).unwrap();
    let operations: Vec<&str> = api["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    assert!(operations.len() > 80, "{}", operations.len());
    let different: BTreeSet<&&str> = operations.iter().collect();
    assert_eq!(different.len(), operations.len());
}
