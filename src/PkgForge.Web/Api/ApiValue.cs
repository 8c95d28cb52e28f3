namespace PkgForge.Web.Api;

/// <summary>What a parameter or a header may be, in the words of JSON Schema.</summary>
/// <param name="Type"><c>string</c>, <c>integer</c> or <c>boolean</c>.</param>
internal sealed record ApiValue(string Type)
{
    /// <summary>Any text.</summary>
    public static ApiValue Text { get; } = new("string");

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static ApiValue Flag { get; } = new("boolean");

    /// <summary>A time (RFC 3339).</summary>
    public static ApiValue Time { get; } = new("string") { Format = "date-time" };

    /// <summary>A UUID.</summary>
    public static ApiValue Uuid { get; } = new("string") { Format = "uuid" };

    /// <summary>More about the form of a text.</summary>
    public string? Format { get; private init; }

    /// <summary>The lowest number.</summary>
    public long? Least { get; private init; }

    /// <summary>The highest number.</summary>
    public long? Most { get; private init; }

    /// <summary>What stands where nothing is said.</summary>
    public long? Usual { get; private init; }

    /// <summary>The words that it may be; empty where it may be any.</summary>
    public IReadOnlyList<string> Words { get; private init; } = [];

    /// <summary>A whole number.</summary>
    public static ApiValue Number(long least, long? most = null, long? usual = null) =>
        new("integer")
        {
            Least = least,
            Most = most,
            Usual = usual,
        };

    /// <summary>One of these words.</summary>
    public static ApiValue OneOf(params IEnumerable<string> words) => new("string") { Words = [.. words] };
}
