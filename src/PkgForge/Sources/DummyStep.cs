namespace PkgForge.Sources;

/// <summary>One step of a <see cref="DummySource"/>, for the <c>Dummy</c> builder to carry out.</summary>
public abstract record DummyStep
{
    private DummyStep() { }

    /// <summary><c>print TEXT</c>: a line in the log.</summary>
    public sealed record Print(string Text) : DummyStep;

    /// <summary><c>clock</c>: the time in the log, in microseconds since 1970 by UTC. It is for measuring.</summary>
    public sealed record Clock : DummyStep;

    /// <summary><c>sleep SECONDS</c>: nothing for a while, at most a day.</summary>
    public sealed record Sleep(TimeSpan Time) : DummyStep;

    /// <summary><c>product NAME TEXT</c>: a product of that plain name, with the text and a line feed as its content.</summary>
    public sealed record Product(string Name, string Text) : DummyStep;

    /// <summary><c>makes NAME</c>: for <c>--order deps</c>, a package that it makes. Nothing is done.</summary>
    public sealed record Makes(string Name) : DummyStep;

    /// <summary><c>needs NAME | NAME</c>: for <c>--order deps</c>, a package that it needs, or one of several. Nothing is done.</summary>
    public sealed record Needs(string Alternatives) : DummyStep;

    /// <summary><c>fail CAUSE MESSAGE</c>: the package fails. The cause is a word of DESIGN 4; the builder reads it.</summary>
    public sealed record Fail(string Cause, string Message) : DummyStep;

    /// <summary><c>fault MESSAGE</c>: the farm fails.</summary>
    public sealed record Fault(string Message) : DummyStep;

    /// <summary><c>print-forever</c>: lines in the log without end.</summary>
    public sealed record PrintForever : DummyStep;

    /// <summary><c>hang</c>: nothing, without end.</summary>
    public sealed record Hang : DummyStep;
}
