"""HTTP of the rates: boards, lists of cases, appeals."""
