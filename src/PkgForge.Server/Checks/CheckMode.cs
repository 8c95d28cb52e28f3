namespace PkgForge.Server.Checks;

/// <summary>What a bucket makes of the checks of products.</summary>
public enum CheckMode
{
    /// <summary>Products are not checked.</summary>
    Off,

    /// <summary>What the check finds is written down. It fails nothing. The default.</summary>
    Inform,

    /// <summary>A package that does not pass fails, with cause <c>check</c>.</summary>
    Gate,
}
