namespace PkgForge.Server.Processes;

/// <summary>A tool and its arguments: always a list, never a string for a shell to split.</summary>
/// <param name="Tool">Name of a program on PATH, or its path.</param>
/// <param name="Arguments">Handed on as they are.</param>
public sealed record Command(string Tool, params IReadOnlyList<string> Arguments)
{
    /// <summary>The whole environment of the tool beside PATH and LANG: nothing is inherited.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>True for what runs in a root: it starts behind the filter of <see cref="PkgForge.Native.SystemCallFilter"/>.</summary>
    public bool Filtered { get; init; }

    /// <summary>Where it runs; null for <c>/</c>.</summary>
    public string? Directory { get; init; }

    /// <summary>The same command, wrapped: <c>tool arguments... THIS</c>.</summary>
    public Command Under(string tool, params IReadOnlyList<string> arguments) =>
        this with
        {
            Tool = tool,
            Arguments = [.. arguments, Tool, .. Arguments],
        };

    /// <summary>As a person would type it, for logs only.</summary>
    public override string ToString() => string.Join(' ', [Tool, .. Arguments]);
}
