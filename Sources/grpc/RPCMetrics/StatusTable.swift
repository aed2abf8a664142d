import RPCCore

/// A value for each status code that has occurred.
struct StatusTable<Value> {
    // The codes are 0 to 16, all of them.
    private var values = [Value?](repeating: nil, count: StatusCode.allCases.count)

    subscript(_ status: StatusCode) -> Value? {
        get { values[status.rawValue] }
        set { values[status.rawValue] = newValue }
    }
}
