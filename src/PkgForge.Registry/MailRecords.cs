namespace PkgForge.Registry;

/// <summary>A mail that waits in the outbox.</summary>
/// <param name="To">Addresses.</param>
/// <param name="Subject">One line.</param>
/// <param name="Headers">Further headers, e.g. <c>X-PkgForge-Status</c>.</param>
/// <param name="Body">Plain text.</param>
public sealed record OutgoingMail(
    IReadOnlyList<string> To,
    string Subject,
    IReadOnlyDictionary<string, string> Headers,
    string Body
);

/// <summary>A mail taken from the outbox for one try at sending it.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Tries">How often it was taken, this time included.</param>
/// <param name="Mail">What to send.</param>
public sealed record OutboxItem(long Id, int Tries, OutgoingMail Mail);
