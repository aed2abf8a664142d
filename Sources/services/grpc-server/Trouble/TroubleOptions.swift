import Settings

/// Whether this pod may be told to make trouble.
enum TroubleOptions {
    static let trouble = Setting(
        "TROUBLE", .boolean, default: false,
        help: "Whether POST /trouble?delay=50ms&fail=0.2 on the admin port may make calls slow, or fail, for a while.")

    static let settings: [any AnySetting] = [trouble]
}
