using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using PkgForge.Registry.Administration;
using PkgForge.Web.Access;

namespace PkgForge.Web.Pages;

/// <summary>
/// What a page says of what was just done. It stands in the address to which a form's sender is led, sealed by what only this session's pages know: no link
/// from elsewhere makes a page say anything.
/// </summary>
/// <param name="Text">A sentence.</param>
/// <param name="Trouble">It was not done.</param>
public sealed record Notice(string Text, bool Trouble)
{
    private const int Longest = 600;
    private const string SaidField = "said";
    private const string TroubleField = "trouble";
    private const string SealField = "seal";

    /// <summary>What was done; or why not.</summary>
    internal static Notice Of(Refusal? refusal, string done) =>
        refusal is null ? new(done, Trouble: false) : new(refusal.Message, Trouble: true);

    /// <summary>The address of a page that says it.</summary>
    internal string At(HttpContext http, string path)
    {
        var text = Text.Length <= Longest ? Text : Text[..Longest];
        if (AccessGate.VisitorOf(http).FormToken is not { } key)
            return path;
        return $"{path}?{(Trouble ? TroubleField : SaidField)}={Uri.EscapeDataString(text)}&{SealField}={Seal(key, path, text, Trouble)}";
    }

    /// <summary>What the address says; null for nothing, or nothing of this session's.</summary>
    internal static Notice? Read(HttpContext http)
    {
        var query = http.Request.Query;
        if (
            AccessGate.VisitorOf(http).FormToken is not { } key
            || query[SealField].ToString() is not { Length: > 0 } seal
        )
            return null;
        var trouble = query.ContainsKey(TroubleField);
        var text = query[trouble ? TroubleField : SaidField].ToString();
        var expected = Seal(key, http.Request.Path, text, trouble);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(seal), Encoding.UTF8.GetBytes(expected))
            ? new(text, trouble)
            : null;
    }

    private static string Seal(string key, string path, string text, bool trouble) =>
        Base64Url.EncodeToString(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{trouble}\n{path}\n{text}"))
        );
}
