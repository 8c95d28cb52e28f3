namespace PkgForge.Server.Reporting;

/// <summary>How the connection to the mail server is protected.</summary>
public enum MailTls
{
    /// <summary>By TLS if the server offers it (STARTTLS). The default.</summary>
    WhenAvailable,

    /// <summary>Not at all.</summary>
    None,

    /// <summary>By STARTTLS; a server that does not offer it gets no mail.</summary>
    StartTls,

    /// <summary>By TLS from the first byte (port 465).</summary>
    Implicit,
}

/// <summary>The mail server, and who writes.</summary>
public sealed record MailOptions
{
    /// <summary>Name or address of the server.</summary>
    public required string Host { get; init; }

    /// <summary>Its port. Default 25.</summary>
    public int Port { get; init; } = 25;

    /// <summary>The address that reports come from, with a name if wanted: <c>PkgForge &lt;farm@example.org&gt;</c>.</summary>
    public required string From { get; init; }

    /// <summary>How the connection is protected. Default: by TLS if the server offers it.</summary>
    public MailTls Tls { get; init; } = MailTls.WhenAvailable;

    /// <summary>Who logs in; null to send without.</summary>
    public string? User { get; init; }

    /// <summary>A file whose first line is the password. It is read for each connection, so it can be changed at any time.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>How long one mail may take from the connection to the server's receipt. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
