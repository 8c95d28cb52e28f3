using PkgForge.Platforms;

namespace PkgForge.Registry;

/// <summary>The farm cannot be reached now: its database, or its server. It may come back. Exit code 4.</summary>
public class FarmUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The database cannot be reached, or broke off. Nothing is known of the statement's effect. Exit code 4.</summary>
public sealed class RegistryUnavailableException(string message, Exception? inner = null)
    : FarmUnavailableException(message, inner);

/// <summary>The schema is not this program's. The message says what to run. Exit code 3.</summary>
public sealed class RegistrySchemaException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>There is no such platform, or it was to get a task and is not active.</summary>
public sealed class UnknownPlatformException(PlatformKey key, bool inactive = false)
    : Exception(inactive ? $"platform {key} is not active" : $"there is no platform {key}")
{
    /// <summary>What was asked for.</summary>
    public PlatformKey Key { get; } = key;
}

/// <summary>A job is to wait for one that is not registered, or was registered after it.</summary>
public sealed class UnknownJobException(string id) : Exception($"there is no job '{id}' to wait for")
{
    /// <summary>What was asked for; the first, if several were.</summary>
    public string Id { get; } = id;
}
