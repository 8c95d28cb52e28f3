using System.Security.Cryptography;
using PkgForge.Web.Access;

namespace PkgForge.Web.SignIn;

/// <summary>What became of a command that wants to log in.</summary>
internal enum CommandLoginState
{
    Waits,
    Allowed,
    Refused,
}

/// <summary>A command that waits for somebody to allow it in a browser.</summary>
/// <param name="Code">What the command shows, and the page too.</param>
/// <param name="Host">The machine that the command says it is on.</param>
/// <param name="Address">Where its request came from.</param>
/// <param name="Until">It is forgotten then.</param>
internal sealed record CommandLogin(string Code, string Host, string Address, DateTimeOffset Until)
{
    public CommandLoginState State { get; init; }

    /// <summary>Who allowed it.</summary>
    public string Account { get; init; } = "";

    /// <summary>Whether its token may change something.</summary>
    public bool Writes { get; init; }
}

/// <summary>
/// Commands that want to log in, in the manner of RFC 8628: the command has a secret, its person a short code, and a browser that is logged in lets the code in. They are
/// in memory only, few, and short-lived: a server that is started again knows none, and the command says so.
/// </summary>
internal sealed class CommandLogins(TimeProvider time)
{
    public static readonly TimeSpan Valid = TimeSpan.FromMinutes(10);

    private const int Most = 1000;
    private const int HalfCode = 4;

    /// <summary>Consonants: no words, and nothing that is taken for something else. 20^8 codes.</summary>
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZ";

    private readonly Lock gate = new();
    private readonly Dictionary<string, CommandLogin> waiting = new(StringComparer.Ordinal);

    /// <summary>Begins one.</summary>
    /// <returns>It, and the secret; null when too many wait.</returns>
    public (CommandLogin Login, string Claim)? Begin(string host, string address)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            foreach (var old in waiting.Where(one => one.Value.Until <= now).Select(one => one.Key).ToList())
                waiting.Remove(old);
            if (waiting.Count >= Most)
                return null;
            var claim = Secret.NewClaim();
            var login = new CommandLogin(NewCode(), host, address, now + Valid);
            waiting.Add(Secret.Sha256Of(claim), login);
            return (login, claim);
        }
    }

    /// <summary>The one of a code that waits; null for none.</summary>
    public CommandLogin? Find(string code)
    {
        lock (gate)
            return KeyOf(code) is { } key ? waiting[key] : null;
    }

    /// <summary>Decides about the one of a code, once.</summary>
    /// <returns>False when there is none that waits.</returns>
    public bool Decide(string code, Func<CommandLogin, CommandLogin> decision)
    {
        lock (gate)
        {
            if (KeyOf(code) is not { } key)
                return false;
            waiting[key] = decision(waiting[key]);
            return true;
        }
    }

    /// <summary>The one of a secret; it is forgotten when it has been decided. Null for none.</summary>
    public CommandLogin? Take(string claim)
    {
        lock (gate)
        {
            var key = Secret.Sha256Of(claim);
            if (!waiting.TryGetValue(key, out var login) || login.Until <= time.GetUtcNow())
                return null;
            if (login.State != CommandLoginState.Waits)
                waiting.Remove(key);
            return login;
        }
    }

    /// <summary>A code as somebody types it.</summary>
    public static string Normal(string typed)
    {
        var letters = new string([.. typed.ToUpperInvariant().Where(char.IsAsciiLetter).Take(2 * HalfCode)]);
        return letters.Length == 2 * HalfCode ? $"{letters[..HalfCode]}-{letters[HalfCode..]}" : letters;
    }

    private string? KeyOf(string code) =>
        waiting
            .Where(one =>
                one.Value.Code == code
                && one.Value.State == CommandLoginState.Waits
                && one.Value.Until > time.GetUtcNow()
            )
            .Select(one => one.Key)
            .FirstOrDefault();

    private string NewCode()
    {
        while (true)
        {
            var code = Normal(RandomNumberGenerator.GetString(Letters, 2 * HalfCode));
            if (waiting.Values.All(one => one.Code != code))
                return code;
        }
    }
}
